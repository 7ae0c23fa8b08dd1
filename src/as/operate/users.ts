// People for operators: add, shut out, let in again, a new password, a link to get in again, an end to sign-ins. Shutting somebody
// out ends what they gave to clients, so that no token of theirs is of use a moment later.
import { createPasswords, passwordProblem } from '../sign-in/passwords.ts'
import type { Store } from '../store/store.ts'
import { localName, type Person } from '../store/users.ts'
import type { GrantOperations } from './grants.ts'
import type { ReportEvent } from './report-event.ts'
import { createUserLinks, NOT_A_NAME, type UserLinks } from './user-links.ts'

/** What went wrong, as a sentence for the operator; undefined when nothing did. */
export type UserProblem = string | undefined

export interface UserOperations extends UserLinks {
  list(): Promise<readonly Person[]>
  /** How many passkeys each person has; nobody without one. */
  passkeys(): Promise<ReadonlyMap<string, number>>
  add(name: string, password: string): Promise<UserProblem>
  /** Ends every sign-in of theirs in a browser; what clients were given stays. */
  setPassword(name: string, password: string): Promise<UserProblem>
  /** Ends the person's sign-ins in browsers, without a new password. */
  signOut(name: string): Promise<UserProblem>
  /** Also disconnects every client; they may come back with `enable`. */
  disable(name: string): Promise<UserProblem>
  enable(name: string): Promise<UserProblem>
}

export interface UserParts {
  readonly store: Store
  readonly grants: GrantOperations
  readonly tell: ReportEvent
}

export function createUserOperations({ store, grants, tell }: UserParts): UserOperations {
  const passwords = createPasswords()
  return {
    list: () => store.users.list(),
    passkeys: () => store.passkeys.counts(),
    async add(name, password) {
      const subject = localName(name)
      if (subject === undefined) return NOT_A_NAME
      const hash = await hashOf(password)
      if ('problem' in hash) return hash.problem
      return store.transaction(async (within) => {
        if (!(await within.users.add(subject, hash.kept))) return `there is a user ${subject} already`
        await tell(within, { event: 'user_added', subject })
        return undefined
      })
    },
    ...createUserLinks({ store, tell }),
    async setPassword(name, password) {
      const subject = localName(name) ?? name
      const hash = await hashOf(password)
      if ('problem' in hash) return hash.problem
      return store.transaction(async (within) => {
        if (!(await within.users.setPassword(subject, hash.kept)))
          return `no user ${subject} has a password here`
        await within.resets.end(subject)
        await within.users.endSessions(subject)
        await tell(within, { event: 'password_changed', subject })
        return undefined
      })
    },
    signOut: (name) =>
      store.transaction(async (within) => {
        if (!(await within.users.endSessions(name))) return `there is no user ${name}`
        await tell(within, { event: 'signed_out', subject: name })
        return undefined
      }),
    disable: (name) =>
      store.transaction(async (within) => {
        if (!(await within.users.setDisabled(name, true))) return `there is no user ${name}`
        await within.users.endSessions(name)
        await within.resets.end(name)
        await tell(within, { event: 'user_disabled', subject: name })
        await grants.revokeWithin(within, { subject: name })
        return undefined
      }),
    enable: (name) =>
      store.transaction(async (within) => {
        if (!(await within.users.setDisabled(name, false))) return `there is no user ${name}`
        await tell(within, { event: 'user_enabled', subject: name })
        return undefined
      }),
  }

  async function hashOf(password: string): Promise<{ readonly kept: string } | { readonly problem: string }> {
    const problem = passwordProblem(password)
    if (problem !== undefined) return { problem }
    const kept = await passwords.hash(password)
    return kept === undefined ? { problem: 'too many passwords at once' } : { kept }
  }
}

/** What is wrong with the name of a new user; undefined where nothing is. */
export function userNameProblem(name: string): UserProblem {
  return localName(name) === undefined ? NOT_A_NAME : undefined
}
