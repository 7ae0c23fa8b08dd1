// Whether somebody who signed in before would be let in today: the operator has not shut them out, and the file still
// offers the way of signing in that they took.
import type { SignInSettings } from '../../core/settings-as.ts'
import { mayEnter } from '../sign-in/allow.ts'
import { identityIssuerOf } from '../sign-in/provider.ts'
import type { StoreClock } from '../store/store.ts'
import type { Person, Users } from '../store/users.ts'

/**
 * Undefined for somebody who is not known, or would not be let in.
 * @param at when they signed in, epoch milliseconds; also undefined when their sign-ins were ended since
 */
export type FindAdmitted = (subject: string | undefined, at?: number) => Promise<Person | undefined>

export function createFindAdmitted(users: Pick<Users, 'find'>, isAdmitted: IsAdmitted): FindAdmitted {
  return async (subject, at) => {
    const person = subject === undefined ? undefined : await users.find(subject)
    return person !== undefined && isAdmitted(person, at) ? person : undefined
  }
}

/** @param at when they signed in, epoch milliseconds; left out: now */
export type IsAdmitted = (person: Person, at?: number) => boolean

export function createIsAdmitted(settings: SignInSettings, clock: StoreClock): IsAdmitted {
  return (person, at = Number.POSITIVE_INFINITY) =>
    at > (person.sessionsEndedAt ?? 0) && mayStay(settings, person, clock.now())
}

/** For somebody from outside, by what their provider said the last time. */
function mayStay(settings: SignInSettings, person: Person, now: number): boolean {
  const { passwords, passkeys = passwords, providers, reauthenticateAfterSeconds: after } = settings
  if (person.disabled) return false
  if (person.provider === undefined) return passwords || passkeys
  if (after !== undefined && (person.signedInAt ?? 0) + after * 1_000 <= now) return false
  const provider = providers.get(person.provider)
  if (
    provider === undefined ||
    (person.vouchedBy ?? identityIssuerOf(provider)) !== identityIssuerOf(provider)
  )
    return false
  const subject = person.subject.slice(`${person.provider}:`.length)
  // Groups are kept together with organizations, which only plain OAuth 2.0 has (see sign-in/external-login.ts).
  const organizations = provider.endpoints === undefined ? [] : person.groups
  return mayEnter(provider.allow, { ...person, subject, organizations })
}
