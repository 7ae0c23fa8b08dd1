// Signing in with a name and a password that are kept here. Every failure takes the same way and the same time, and
// none tells which of name, password or state of the account was the cause.
import { networkOf } from '../../core/network.ts'
import type { PageRequest } from '../people.ts'
import type { Repositories, Store } from '../store/store.ts'
import { localName } from '../store/users.ts'
import type { BegunLogin, LoginCookie } from './login-cookie.ts'
import { isOutdated, type Passwords } from './passwords.ts'
import type { Throttle } from './throttle.ts'

export type LocalSignIn = PasswordRefusal | { readonly outcome: 'in'; readonly login: BegunLogin }

export type PasswordRefusal =
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
  const { passwords, throttle, loginCookie, store } = parts
  const { page, password, lifeSeconds } = attempt
  const { address } = page
  const proof = await provePassword(parts, { ...attempt, address })
  if (proof.outcome !== 'right') return proof
  const { subject, kept } = proof
  const renewed = isOutdated(kept) ? await passwords.hash(password, networkOf(address)) : undefined
  const login = await store.transaction(async (within) => {
    if (!(await isStillKept(within, proof))) return undefined
    if (renewed !== undefined) await within.users.renewHash(subject, kept, renewed)
    await within.users.recordSignIn(subject)
    return await loginCookie.begin(within, { page, subject, lifeSeconds })
  }, 'fleeting')
  if (login === undefined) return { outcome: 'wrong' }
  await throttle.succeed(subject, address)
  return { outcome: 'in', login }
}

/** A password that was right when it was looked at, with the hash that it was held against. */
export interface PasswordProof {
  readonly outcome: 'right'
  readonly subject: string
  readonly kept: string
}

/**
 * Counts as a try. Whoever goes on asks `isStillKept` in the transaction of what follows, and tells the throttle that it went
 * well.
 */
export async function provePassword(
  { store, passwords, throttle }: Pick<LocalParts, 'store' | 'passwords' | 'throttle'>,
  { name, password, address }: { readonly name: string; readonly password: string; readonly address: string },
): Promise<PasswordProof | PasswordRefusal> {
  const subject = localName(name)
  const counted = subject ?? name
  const waitMs = await throttle.take(counted, address)
  if (waitMs !== undefined) return { outcome: 'locked', waitMs }
  const kept = subject === undefined ? undefined : await store.users.passwordOf(subject)
  const check = await passwords.check(kept, password, networkOf(address))
  if (check === 'busy') {
    await throttle.giveBack(counted, address)
    return { outcome: 'busy' }
  }
  if (check !== 'right' || subject === undefined || kept === undefined) return { outcome: 'wrong' }
  return { outcome: 'right', subject, kept }
}

/** While a hash takes its time, somebody may change the password, or shut the person out. */
export async function isStillKept(
  { users }: Pick<Repositories, 'users'>,
  { subject, kept }: PasswordProof,
): Promise<boolean> {
  return (await users.passwordOf(subject)) === kept
}
