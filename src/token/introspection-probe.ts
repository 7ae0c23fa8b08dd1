// Asks an introspection endpoint about a string that is nobody's token, at start and while something is wrong: whether
// it answers, accepts our credentials, and does not call everything active. These questions count against no caller.
import { randomBytes } from 'node:crypto'
import type { Credential } from '../core/principal.ts'
import type { Clock } from './clock.ts'
import type { Introspection } from './guarded-introspection.ts'
import { createRefreshingValue, type LoadResult } from './refreshing-value.ts'

export interface IntrospectionProbe {
  /** Asks once. Returns what is wrong, for an operator; undefined when nothing is. */
  ask(): Promise<string | undefined>
  /** Returns what was wrong the last time; where something was, it asks again in the background. */
  fault(): string | undefined
}

/** Shows whoever reads the log of the issuer where the string came from. */
export const PROBE_PREFIX = 'portcullis-probe-'
/** The time between two questions while something is wrong. */
const AGAIN_AFTER_MS = 5_000
const QUOTA_KEY = 'portcullis'

export function createIntrospectionProbe(introspection: Introspection, clock: Clock): IntrospectionProbe {
  const probed = createRefreshingValue<true>({
    load: () => load(introspection),
    clock,
    renewAfterMs: Number.POSITIVE_INFINITY,
    maxAgeMs: Number.POSITIVE_INFINITY,
    maxStaleMs: Number.POSITIVE_INFINITY,
    cooldownMs: 0,
    failureCooldownMs: AGAIN_AFTER_MS,
  })
  return {
    async ask() {
      await probed.renew()
      return probed.lastError()
    },
    fault() {
      const why = probed.lastError()
      if (why !== undefined) void probed.renew()
      return why
    },
  }
}

async function load(introspection: Introspection): Promise<LoadResult<true>> {
  const token = PROBE_PREFIX + randomBytes(16).toString('base64url')
  const credential: Credential = {
    ...{ scheme: 'bearer', token, proof: undefined, method: 'POST', url: '', address: undefined },
  }
  const answer = await introspection.introspect(credential, QUOTA_KEY)
  if (answer.ok) return { ok: false, why: 'introspection calls a random string an active token' }
  const { refusal } = answer
  if (refusal.reason !== 'issuer_unreachable') return { ok: true, value: true }
  return { ok: false, why: introspection.lastError() ?? refusal.detail }
}
