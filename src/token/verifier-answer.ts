// What a verifier of the operator's own may answer, over HTTP or by a function. An unknown member, or one of another
// type, makes the whole answer unusable, so that a misspelt limit never becomes no limit (B17).

import { ok, type Result } from '../core/refusal.ts'
import { isJsonObject, type Json, type JsonObject, jsonObject, readJsonObject } from '../lib/strict-json.ts'
import { readInstant } from './instant.ts'
import type { QueryAnswer } from './query-guard.ts'
import { reject } from './reject.ts'

export const MAX_VERDICT_BYTES = 65_536

const isText = (value: Json): boolean => typeof value === 'string'
const isList = (value: Json): boolean => Array.isArray(value) && value.every(isText)

/** Every member that an answer may have, and the type that it must have. */
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

/** @param bytes JSON text */
export function readVerifierAnswer(bytes: Uint8Array): QueryAnswer<JsonObject> {
  const value = readJsonObject(bytes)
  if (value === undefined) return { ok: false, why: 'the verifier did not answer with one JSON object' }
  const strange = Object.entries(value).filter(([name, member]) => MEMBERS.get(name)?.(member) !== true)
  return strange.length === 0 && value['allowed'] !== undefined
    ? { ok: true, value }
    : { ok: false, why: 'the verifier answered with members that are unknown, missing or of another type' }
}

/** The claims of an answer that says `allowed`. */
export function verdictOfAnswer(answer: JsonObject): Result<JsonObject> {
  return answer['allowed'] === true ? ok(claimsOfAnswer(answer)) : reject('inactive', 'not allowed')
}

/**
 * Renames the members to claims, so that the answer is judged like any other: expiry, audience and subject are
 * required.
 */
function claimsOfAnswer(answer: JsonObject): JsonObject {
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
