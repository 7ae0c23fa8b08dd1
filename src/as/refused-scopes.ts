// Scopes that calls were refused for a moment ago. The gateway notes them; the embedded server asks the person for them,
// at most once each. In memory, bounded, each subject within a share of its own, and made once: a reload loses nothing.
import { createSharedTable } from '../core/shared-table.ts'
import type { Bounds } from '../core/shares.ts'

/** A call that was answered with `insufficient_scope`. */
export interface RefusedCall {
  readonly subject: string
  readonly clientId: string
  readonly grantId: string
  /** `jti` of the access token that was shown. */
  readonly token: string
  /** Epoch milliseconds. */
  readonly tokenExpiresAt: number
  /** The public URL of the route. */
  readonly resource: string
  readonly missing: readonly string[]
  /** False where the refusal was told inside a JSON-RPC answer: no client refreshes upon that. */
  readonly isChallenged: boolean
}

/** Identifies a consent page. */
export type Consenting = Pick<RefusedCall, 'subject' | 'clientId' | 'resource'>

export interface RefusedScopes {
  note(call: RefusedCall, now: number): void
  /** What was refused last to this access token, if that was a moment ago. */
  justRefused(token: string, now: number): RefusedCall | undefined
  /** Takes the one time that a grant may be sent to its person for these scopes; false when it was taken. */
  takeAsking(call: RefusedCall, now: number): boolean
  /** Undoes `takeAsking` when the client did not prove itself, and so was not sent to its person. */
  giveBackAsking(call: RefusedCall): void
  /** What the next consent page offers: taken by the first that asks. */
  takeMissing(consenting: Consenting, now: number): readonly string[]
}

/** How long a refusal stands for a refresh that follows it, and for a consent page. */
const REFRESH_FOLLOWS_MS = 15_000
export const CONSENT_FOLLOWS_MS = 600_000
/** A grant is sent to its person once in this time for the same scopes. */
const ASKED_AGAIN_MS = 600_000

export const MAX_REFUSED_CALLS = 10_000

interface Noted<T> {
  readonly value: T
  readonly at: number
}

export function createRefusedScopes(bounds: Bounds): RefusedScopes {
  const byToken = createSharedTable<Noted<RefusedCall>>(bounds)
  const asked = createSharedTable<number>(bounds)
  const byConsent = createSharedTable<Noted<readonly string[]>>(bounds)
  return {
    note(call, now) {
      byToken.set(call.token, call.subject, { value: call, at: now })
      const key = consentKey(call)
      const before = fresh(byConsent.get(key), CONSENT_FOLLOWS_MS, now) ?? []
      const missing = [...new Set([...before, ...call.missing])]
      byConsent.set(key, call.subject, { value: missing, at: now })
    },
    justRefused: (token, now) => fresh(byToken.get(token), REFRESH_FOLLOWS_MS, now),
    takeAsking(call, now) {
      const key = askingKey(call)
      const before = asked.get(key)
      if (before !== undefined && Math.abs(now - before) < ASKED_AGAIN_MS) return false
      asked.set(key, call.subject, now)
      return true
    },
    giveBackAsking: (call) => asked.delete(askingKey(call)),
    takeMissing(consenting, now) {
      const key = consentKey(consenting)
      const missing = fresh(byConsent.get(key), CONSENT_FOLLOWS_MS, now) ?? []
      byConsent.delete(key)
      return missing
    },
  }
}

function fresh<T>(noted: Noted<T> | undefined, lifeMs: number, now: number): T | undefined {
  return noted !== undefined && Math.abs(now - noted.at) <= lifeMs ? noted.value : undefined
}

function askingKey({ grantId, missing }: RefusedCall): string {
  return JSON.stringify([grantId, ...[...missing].sort()])
}

function consentKey({ subject, clientId, resource }: Consenting): string {
  return JSON.stringify([subject, clientId, resource])
}
