// Asks an issuer about a token (RFC 7662). It returns what the issuer said, or a 503: a failure on the way says nothing
// about the token. claims.ts reads what the answer means.
import type { Credential } from '../core/principal.ts'
import { ok } from '../core/refusal.ts'
import type { IntrospectionSettings, IssuerSettings } from '../core/settings.ts'
import type { HttpAnswer, HttpClient } from '../lib/bounded-http.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import { readJsonObject } from '../lib/strict-json.ts'
import type { ClientAuth } from './client-auth.ts'
import { compileClientAuth } from './client-auth.ts'
import type { Clock } from './clock.ts'
import { createGuardedIntrospection, type Introspection } from './guarded-introspection.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'
import type { LoadResult } from './refreshing-value.ts'
import { reject } from './reject.ts'

export interface IntrospectionOptions {
  readonly settings: IssuerSettings & { readonly introspection: IntrospectionSettings }
  readonly endpoint: () => Promise<LoadResult<string>>
  readonly httpClient: HttpClient
  readonly clock: Clock
  readonly queryGuard: QueryGuard
}

const MAX_ANSWER_BYTES = 65_536

export function createIntrospection({
  settings,
  endpoint,
  httpClient,
  clock,
  queryGuard,
}: IntrospectionOptions): Introspection {
  const clientAuths = compileClientAuth(settings.introspection, settings.issuer)
  let preferred = 0

  const post = async (url: string, token: string, clientAuth: ClientAuth) => {
    const authenticated = await clientAuth(clock.now())
    return httpClient.ask({
      url,
      method: 'POST',
      headers: { ...authenticated.headers, accept: 'application/json', 'content-type': FORM },
      // RFC 7662 §2.1; URLSearchParams keeps `&` inside the token from starting a parameter (I28)
      body: new URLSearchParams({ token, token_type_hint: 'access_token', ...authenticated.form }).toString(),
      maxBytes: MAX_ANSWER_BYTES,
    })
  }
  /** Tries the second secret once when the first is refused, and keeps it when it works. */
  const postInTurn = async (url: string, token: string) => {
    const first = await post(url, token, clientAuths[preferred] as ClientAuth)
    if (clientAuths.length === 1 || !first.ok || !refusesClient(first.answer)) return first
    const other = (preferred + 1) % clientAuths.length
    const second = await post(url, token, clientAuths[other] as ClientAuth)
    if (second.ok && !refusesClient(second.answer)) preferred = other
    return second
  }
  const read = async ({ token }: Credential): Promise<QueryAnswer<JsonObject>> => {
    const url = await endpoint()
    if (!url.ok) return url
    const outcome = await postInTurn(url.value, token)
    if (!outcome.ok) return outcome
    return { ...readAnswer(outcome.answer), retryAfterSeconds: outcome.answer.retryAfterSeconds }
  }
  // RFC 7662 §2.2; I03: nothing but `true` is active
  return createGuardedIntrospection(queryGuard, read, (said) =>
    said['active'] === true ? ok(said) : reject('inactive', 'not active'),
  )
}

const FORM = 'application/x-www-form-urlencoded'

/** RFC 6749 §5.2: `invalid_client` comes with 401, or with 400 from issuers that expected no Authorization header. */
function refusesClient({ status }: HttpAnswer): boolean {
  return status === 401 || status === 400
}

function readAnswer({ status, mediaType, body }: HttpAnswer): LoadResult<JsonObject> {
  if (status === 401 || status === 403) return { ok: false, why: 'it refuses our client credentials' } // I08
  if (status !== 200) return { ok: false, why: `introspection answered ${status}` } // I07, I09, I12, I40
  if (mediaType !== 'application/json')
    return { ok: false, why: 'introspection did not answer with application/json' } // I07, I32
  const value = readJsonObject(body)
  return value === undefined
    ? { ok: false, why: 'introspection did not answer with one JSON object' }
    : { ok: true, value } // I06
}
