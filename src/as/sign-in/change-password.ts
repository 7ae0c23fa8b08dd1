// A person gives themselves another password: they show the one that they have, if they have one, and every other browser of
// theirs is signed out. What clients were given stays.
import { networkOf } from '../../core/network.ts'
import type { PageRequest } from '../people.ts'
import type { Repositories } from '../store/store.ts'
import {
  isStillKept,
  type LocalParts,
  type PasswordProof,
  type PasswordRefusal,
  provePassword,
} from './local.ts'
import type { BegunLogin } from './login-cookie.ts'

export type PasswordChange = PasswordRefusal | { readonly outcome: 'changed'; readonly login: BegunLogin }

export interface NewPassword {
  readonly page: Pick<PageRequest, 'request' | 'address'>
  readonly subject: string
  /** Undefined: they have none. Whoever calls this has made sure that they have just signed in. */
  readonly current: string | undefined
  /** One that `passwordFault` finds nothing wrong with. */
  readonly wanted: string
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

export async function changePassword(parts: LocalParts, change: NewPassword): Promise<PasswordChange> {
  const { store, passwords, throttle, loginCookie } = parts
  const { page, subject, current, wanted, lifeSeconds } = change
  const { address } = page
  const proof =
    current === undefined
      ? undefined
      : await provePassword(parts, { name: subject, password: current, address })
  if (proof !== undefined && proof.outcome !== 'right') return proof
  const hash = await passwords.hash(wanted, networkOf(address))
  if (hash === undefined) {
    if (proof !== undefined) await throttle.giveBack(subject, address)
    return { outcome: 'busy' }
  }
  const login = await store.transaction(async (within) => {
    if (!(await isAsProved(within, subject, proof))) return undefined
    await within.users.setPassword(subject, hash)
    await within.resets.end(subject) // a link that somebody asked for is not needed any more
    const begun = await loginCookie.begin(within, { page, subject, lifeSeconds })
    await within.loginSessions.endOthers(subject, begun.id)
    return begun
  })
  if (login === undefined) return { outcome: 'wrong' }
  if (proof !== undefined) await throttle.succeed(subject, address)
  return { outcome: 'changed', login }
}

async function isAsProved(
  within: Repositories,
  subject: string,
  proof: PasswordProof | undefined,
): Promise<boolean> {
  if (proof !== undefined) return isStillKept(within, proof)
  const person = await within.users.find(subject)
  return person !== undefined && !person.disabled && !person.hasPassword
}
