// Proves a token by a service of the operator's own, with one POST and one strict JSON answer. verifier-answer.ts says
// what the answer may hold.
import type { Credential } from '../core/principal.ts'
import type { HttpVerdictSettings } from '../core/settings-verifier.ts'
import type { HttpAnswer, HttpClient } from '../lib/bounded-http.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import { createGuardedIntrospection, type Introspection } from './guarded-introspection.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'
import { MAX_VERDICT_BYTES, readVerifierAnswer, verdictOfAnswer } from './verifier-answer.ts'

export interface HttpVerdictsOptions {
  readonly settings: HttpVerdictSettings
  readonly httpClient: HttpClient
  readonly queryGuard: QueryGuard
}

export function createHttpVerdicts({ settings, httpClient, queryGuard }: HttpVerdictsOptions): Introspection {
  const authorization =
    settings.token === undefined ? {} : { authorization: `Bearer ${settings.token.reveal()}` }
  const read = async ({ token, method, url, address }: Credential): Promise<QueryAnswer<JsonObject>> => {
    const outcome = await httpClient.ask({
      url: settings.endpoint,
      method: 'POST',
      headers: { ...authorization, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ token, method, url, client_ip: address }),
      maxBytes: MAX_VERDICT_BYTES,
    })
    return outcome.ok ? readAnswer(outcome.answer) : outcome
  }
  return createGuardedIntrospection(queryGuard, read, verdictOfAnswer)
}

function readAnswer({ status, mediaType, body, retryAfterSeconds }: HttpAnswer): QueryAnswer<JsonObject> {
  if (status !== 200) return { ok: false, why: `the verifier answered ${status}`, retryAfterSeconds }
  return mediaType === 'application/json'
    ? readVerifierAnswer(body)
    : { ok: false, why: 'the verifier did not answer with one JSON object' }
}
