// Signing in with a name and a password that are kept here. Every failure takes the same way and the same time, and
// none tells which of name, password or state of the account was the cause.
import { networkOf } from '../../core/network.ts'
import type { PageRequest } from '../people.ts'
import type { Store } from '../store/store.ts'
import { localName } from '../store/users.ts'
import type { BegunLogin, LoginCookie } from './login-cookie.ts'
import { isOutdated, type Passwords } from './passwords.ts'
import type { Throttle } from './throttle.ts'

export type LocalSignIn =
  | { readonly outcome: 'in'; readonly login: BegunLogin }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'locked'; readonly waitMs: number }

export interface Attempt {
  readonly page: Pick<PageRequest, 'request' | 'address'>
  readonly name: string
  readonly password: string
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

export interface LocalParts {
  readonly store: Pick<Store, 'users' | 'transaction'>
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly loginCookie: LoginCookie
}

export async function signInLocally(parts: LocalParts, attempt: Attempt): Promise<LocalSignIn> {
  const { passwords, throttle, loginCookie } = parts
  const { users, transaction } = parts.store
  const { page, password, lifeSeconds } = attempt
  const { address } = page
  const network = networkOf(address)
  const subject = localName(attempt.name)
  const counted = subject ?? attempt.name
  const waitMs = await throttle.take(counted, address)
  if (waitMs !== undefined) return { outcome: 'locked', waitMs }
  const kept = subject === undefined ? undefined : await users.passwordOf(subject)
  const check = await passwords.check(kept, password, network)
  if (check === 'busy') {
    await throttle.giveBack(counted, address)
    return { outcome: 'busy' }
  }
  if (check !== 'right' || subject === undefined || kept === undefined) return { outcome: 'wrong' }
  const renewed = isOutdated(kept) ? await passwords.hash(password, network) : undefined
  // While the hashes took their time, somebody may have changed the password, or shut the person out.
  const login = await transaction(async (within) => {
    if ((await within.users.passwordOf(subject)) !== kept) return undefined
    if (renewed !== undefined) await within.users.renewHash(subject, kept, renewed)
    await within.users.recordSignIn(subject)
    return await loginCookie.begin(within, { page, subject, lifeSeconds })
  }, 'fleeting')
  if (login === undefined) return { outcome: 'wrong' }
  await throttle.succeed(counted, address)
  return { outcome: 'in', login }
}
