// Signing in with a name and a password that are kept here. Every failure takes the same way and the same time, and
// none tells which of name, password or state of the account was the cause.
import { networkOf } from '../../core/network.ts'
import type { Users } from '../store/users.ts'
import { localName } from '../store/users.ts'
import { isOutdated, type Passwords } from './passwords.ts'
import type { Throttle } from './throttle.ts'

export type LocalSignIn =
  | { readonly outcome: 'in'; readonly subject: string }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'locked'; readonly waitMs: number }

export interface Attempt {
  readonly name: string
  readonly password: string
  readonly address: string
}

export interface LocalParts {
  readonly users: Users
  readonly passwords: Passwords
  readonly throttle: Throttle
}

export async function signInLocally(parts: LocalParts, attempt: Attempt): Promise<LocalSignIn> {
  const { users, passwords, throttle } = parts
  const { address, password } = attempt
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
  // While the hash took its time, the operator may have changed the password or shut the person out.
  if ((await users.passwordOf(subject)) !== kept) return { outcome: 'wrong' }
  if (isOutdated(kept)) {
    const renewed = await passwords.hash(password, network)
    if (renewed !== undefined && !(await users.renewHash(subject, kept, renewed))) return { outcome: 'wrong' }
  }
  await throttle.succeed(counted, address)
  await users.recordSignIn(subject)
  return { outcome: 'in', subject }
}
