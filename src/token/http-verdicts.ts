// A token proved by a service of the operator's own: one POST, one strict JSON answer. A member that is not known, or
// of another type, makes the whole answer unusable, so that a misspelt limit never becomes no limit (B17).
import type { Credential } from '../core/principal.ts'
import { ok, type Result } from '../core/refusal.ts'
import type { HttpVerdictSettings } from '../core/settings-token-judgement.ts'
import type { HttpAnswer, HttpClient } from './http-client.ts'
import { readInstant } from './instant.ts'
import type { Introspection } from './introspection.ts'
import { isJsonObject, type Json, type JsonObject, jsonObject, readJsonObject } from './json.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'
import { reject } from './reject.ts'

export interface HttpVerdictsOptions {
  readonly settings: HttpVerdictSettings
  readonly httpClient: HttpClient
  readonly queryGuard: QueryGuard
}

const MAX_VERDICT_BYTES = 65_536

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
  return {
    async introspect(credential, asker): Promise<Result<JsonObject>> {
      const answer = await queryGuard.put(asker, () => read(credential))
      if (!answer.ok) return answer
      return answer.value['allowed'] === true ? ok(claimsOf(answer.value)) : reject('inactive', 'not allowed')
    },
    isUsable: queryGuard.isUsable,
    ageMs: queryGuard.ageMs,
    lastError: queryGuard.lastError,
  }
}

const isText = (value: Json): boolean => typeof value === 'string'
const isList = (value: Json): boolean => Array.isArray(value) && value.every(isText)

/** Every member that an answer may have, and what it must be. */
const MEMBERS: ReadonlyMap<string, (value: Json) => boolean> = new Map<string, (value: Json) => boolean>([
  ['allowed', (value) => typeof value === 'boolean'],
  ['issuer', isText],
  ['subject', isText],
  ['client_id', isText],
  ['audience', (value) => isText(value) || isList(value)],
  ['scopes', isList],
  ['roles', isList],
  ['expires_at', (value) => typeof value === 'number' || readInstant(value) !== undefined],
  ['claims', isJsonObject],
])

function readAnswer({ status, mediaType, body, retryAfterSeconds }: HttpAnswer): QueryAnswer<JsonObject> {
  if (status !== 200) return { ok: false, why: `the verifier answered ${status}`, retryAfterSeconds }
  const value = mediaType === 'application/json' ? readJsonObject(body) : undefined
  if (value === undefined) return { ok: false, why: 'the verifier did not answer with one JSON object' }
  const strange = Object.entries(value).filter(([name, member]) => MEMBERS.get(name)?.(member) !== true)
  return strange.length === 0 && value['allowed'] !== undefined
    ? { ok: true, value }
    : { ok: false, why: 'the verifier answered with members that are unknown, missing or of another type' }
}

/** Under the names of claims, so that it is judged like any other answer: expiry, audience and subject are musts. */
function claimsOf(answer: JsonObject): JsonObject {
  const { issuer, subject, client_id, audience, scopes, roles, expires_at: expires, claims } = answer
  return jsonObject({
    ...(isJsonObject(claims) ? claims : {}),
    iss: issuer,
    sub: subject,
    client_id,
    aud: audience,
    scope: scopes,
    roles,
    exp: typeof expires === 'number' ? expires : readInstant(expires),
  })
}
