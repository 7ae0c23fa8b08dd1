// A token proved by a service of the operator's own: one POST, one strict JSON answer. A member that is not known, or
// of another type, makes the whole answer unusable, so that a misspelt limit never becomes no limit (B17).
import type { Credential } from '../core/principal.ts'
import { ok, type Result } from '../core/refusal.ts'
import type { HttpJudgeSettings } from '../core/settings-judge.ts'
import type { Answer, Line } from './ask.ts'
import { readInstant } from './instant.ts'
import type { Introspection } from './introspection.ts'
import { isJsonObject, type Json, type JsonObject, jsonObject, readJsonObject } from './json.ts'
import type { Questions, Told } from './questions.ts'
import { reject } from './reject.ts'

export interface HttpJudgeOptions {
  readonly judge: HttpJudgeSettings
  readonly line: Line
  readonly questions: Questions
}

const MAX_VERDICT_BYTES = 65_536

export function createHttpJudge({ judge, line, questions }: HttpJudgeOptions): Introspection {
  const authorization = judge.token === undefined ? {} : { authorization: `Bearer ${judge.token.reveal()}` }
  const read = async ({ token, method, url, address }: Credential): Promise<Told<JsonObject>> => {
    const asked = await line.ask({
      url: judge.endpoint,
      method: 'POST',
      headers: { ...authorization, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ token, method, url, client_ip: address }),
      maxBytes: MAX_VERDICT_BYTES,
    })
    return asked.ok ? readAnswer(asked.answer) : asked
  }
  return {
    async introspect(credential, asker): Promise<Result<JsonObject>> {
      const answer = await questions.put(asker, () => read(credential))
      if (!answer.ok) return answer
      return answer.value['allowed'] === true ? ok(claimsOf(answer.value)) : reject('inactive', 'not allowed')
    },
    isUsable: questions.isUsable,
    ageMs: questions.ageMs,
    lastError: questions.lastError,
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

function readAnswer({ status, mediaType, body, retryAfterSeconds }: Answer): Told<JsonObject> {
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
