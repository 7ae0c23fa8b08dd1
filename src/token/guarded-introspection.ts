// Asks a source about tokens, behind its query guard. Every kind of source uses this; each of them says itself what to
// ask and what an answer means.
import type { Credential } from '../core/principal.ts'
import type { Result } from '../core/refusal.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'

export interface Introspection {
  /** Returns the whole answer when the token is active; `inactive` when it is not; `issuer_unreachable` otherwise. */
  introspect(credential: Credential, quotaKey: string): Promise<Result<JsonObject>>
  /** False while the issuer is not asked, because it keeps failing or asked for a pause. */
  isUsable(): boolean
  ageMs(): number | undefined
  lastError(): string | undefined
}

/** @param verdictOn turns the answer of the source into a verdict */
export function createGuardedIntrospection<T>(
  queryGuard: QueryGuard,
  ask: (credential: Credential) => Promise<QueryAnswer<T>>,
  verdictOn: (said: T) => Result<JsonObject>,
): Introspection {
  return {
    async introspect(credential, quotaKey) {
      const answer = await queryGuard.put(quotaKey, () => ask(credential))
      return answer.ok ? verdictOn(answer.value) : answer
    },
    isUsable: queryGuard.isUsable,
    ageMs: queryGuard.ageMs,
    lastError: queryGuard.lastError,
  }
}
