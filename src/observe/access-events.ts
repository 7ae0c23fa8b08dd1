// What a person at a terminal is told of a sign-in and its like. Events of no request (src/as/events.ts has their names)
// that are not in the table stand in the audit alone.
import type { AuditEvent } from '../core/audit-event.ts'
import type { AccessOutcome } from './access-entry.ts'

type Words = (event: AuditEvent) => string

const detailed =
  (words: string): Words =>
  ({ detail }) =>
    detail === undefined || detail === '' ? words : `${words} ${detail}`

const because =
  (words: string): Words =>
  ({ reason, detail }) =>
    [words, reason ?? detail].filter((part) => part !== undefined).join(': ')

const WORDS: ReadonlyMap<string, Words> = new Map([
  ['sign_in', ({ detail }) => (detail === undefined ? 'signed in' : `signed in (${detail})`)],
  ['signed_out', () => 'signed out'],
  ['operator_sign_in', ({ detail }) => `signed in to the console (${detail})`],
  ['operator_signed_out', () => 'signed out of the console'],
  ['client_registered', () => 'registered'],
  ['consent', detailed('agreed to')],
  ['consent_refused', () => 'did not agree'],
  ['consent_withdrawn', () => 'disconnected it'],
  ['user_gone', because('is not known at the provider any more')],
  ['manifest_drift', detailed('is not as approved:')],
  ['sign_in_refused', because('sign-in refused')],
  ['operator_sign_in_refused', because('sign-in to the console refused')],
  ['refused', because('refused')],
  ['refresh_reused', () => 'refused: a refresh token was used twice, and its grant is over'],
  ['code_replayed', () => 'refused: a code was used twice, and its grant is over'],
  ['refusals_counted', detailed('refused:')],
])

/** Those that no `…_refused` names. */
const FAILURES: ReadonlySet<string> = new Set([
  ...['refused', 'refresh_reused', 'code_replayed', 'refusals_counted', 'worker_died'],
])

/** Whether an event of this name tells of something that was refused or failed. */
export function isFailure(name: string): boolean {
  return name.endsWith('_refused') || FAILURES.has(name)
}

/** Undefined where nobody needs to be told. */
export function accessEvent(event: AuditEvent): AccessOutcome | undefined {
  const words = WORDS.get(event.event)
  if (words === undefined) return undefined
  const kind = isFailure(event.event) ? 'refused' : 'event'
  return { kind, what: event.endpoint ?? '', outcome: words(event) }
}
