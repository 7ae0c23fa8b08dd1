// Proves a token or API key by the check endpoint of a Wacht gateway. The endpoint knows neither our issuer nor our
// route, so both are checked here, in its answer (T-01 to T-04).
import type { Credential } from '../core/principal.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { isScopeToken } from '../core/scopes.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { WachtSettings } from '../core/settings-verifier.ts'
import type { HttpAnswer, HttpClient } from '../lib/bounded-http.ts'
import { isJsonObject, type Json, type JsonObject, jsonObject, readJsonObject } from '../lib/strict-json.ts'
import type { Clock } from './clock.ts'
import { createGuardedIntrospection, type Introspection } from './guarded-introspection.ts'
import { readInstant } from './instant.ts'
import type { QueryAnswer, QueryGuard } from './query-guard.ts'
import { reject } from './reject.ts'

export interface WachtOptions {
  readonly settings: IssuerSettings
  readonly judge: WachtSettings
  readonly httpClient: HttpClient
  readonly clock: Clock
  readonly queryGuard: QueryGuard
}

const MAX_CHECK_BYTES = 65_536
const MAX_USER_AGENT_CHARACTERS = 512

export function createWacht({ settings, judge, httpClient, clock, queryGuard }: WachtOptions): Introspection {
  const url = `${judge.gatewayUrl.replace(/\/$/, '')}/v1/authz/check`
  const read = async (credential: Credential): Promise<QueryAnswer<Result<JsonObject>>> => {
    const outcome = await httpClient.ask({
      url,
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(questionAbout(credential, judge)),
      maxBytes: MAX_CHECK_BYTES,
    })
    return outcome.ok ? readAnswer(outcome.answer, settings, judge, clock) : outcome
  }
  return createGuardedIntrospection(queryGuard, read, (verdict) => verdict)
}

/**
 * The members of `checkPrincipalAuthz`, in its order; JSON leaves out those that are undefined. T-08: they hold the
 * real method and path. E5: the address is the one that the gateway saw, never one that a client wrote; the User-Agent
 * is what the client claims.
 */
function questionAbout(credential: Credential, { principal, requiredPermissions }: WachtSettings): object {
  const { token, method, url, address, userAgent } = credential
  return {
    principal: { type: principal, value: token },
    resource: new URL(url).pathname,
    method,
    client_ip: address,
    user_agent: userAgent?.()?.slice(0, MAX_USER_AGENT_CHARACTERS),
    required_permissions: requiredPermissions,
  }
}

/** Anything that is no verdict on the token is a failure of the source, and so a 503, never a 401. */
function readAnswer(
  { status, body, retryAfterSeconds }: HttpAnswer,
  settings: IssuerSettings,
  judge: WachtSettings,
  clock: Clock,
): QueryAnswer<Result<JsonObject>> {
  const answer = readJsonObject(body)
  if (status === 401) return settled(reject('inactive', 'not active')) // the body is JSON, or text for API keys
  if (status === 403) return settled(refuse(forbiddenBy(settings)))
  if (status === 429) return settled(refuse(limitedBy(settings, answer?.['retry_after'], retryAfterSeconds)))
  if (status !== 200) return { ok: false, why: `the check answered ${status}`, retryAfterSeconds }
  if (answer === undefined) return { ok: false, why: 'the check did not answer with one JSON object' }
  if (answer['allowed'] === true) return settled(claimsOf(answer, settings, judge, clock))
  if (answer['reason'] === 'rate_limited')
    return settled(refuse(limitedBy(settings, answer['retry_after'], undefined)))
  // T-01: `allowed: false` comes with status 200
  return settled(
    answer['reason'] === 'permission_denied'
      ? refuse(forbiddenBy(settings))
      : reject('inactive', 'not allowed'),
  )
}

function settled(value: Result<JsonObject>): QueryAnswer<Result<JsonObject>> {
  return { ok: true, value }
}

function forbiddenBy({ name }: IssuerSettings): Refusal {
  return { reason: 'call_forbidden', rule: `issuers.${name}`, denial: 'http' }
}

/** T-47: `retry_after` is in milliseconds. */
function limitedBy({ name }: IssuerSettings, retryAfterMs: Json | undefined, retryAfterSeconds = 1): Refusal {
  const seconds = typeof retryAfterMs === 'number' ? Math.ceil(retryAfterMs / 1000) : retryAfterSeconds
  return { reason: 'rate_limited', limit: `issuers.${name}`, retryAfterSeconds: Math.max(1, seconds) }
}

/** Renames what an answer says to claims, so that claims.ts judges it like any other. */
function claimsOf(
  answer: JsonObject,
  settings: IssuerSettings,
  judge: WachtSettings,
  clock: Clock,
): Result<JsonObject> {
  const [identity, metadata, headers] = [answer['identity'], answer['metadata'], answer['headers']].map(
    objectOf,
  )
  if (identity === undefined) return reject('subject', 'the check names no identity')
  if (judge.app !== undefined && identity['app_slug'] !== judge.app)
    return reject('audience', 'it belongs to another app')
  const subject = subjectOf(identity, judge)
  const isKey = judge.principal === 'api_key'
  // An API key has no expiry of its own, so each answer is believed only for its own life.
  const expires = isKey
    ? Math.ceil(clock.now() / 1000) + judge.ttlSeconds
    : readInstant(metadata?.['expires_at'])
  return ok(
    jsonObject({
      iss: isKey ? settings.issuer : (headers?.['x-wacht-oauth-issuer'] ?? ''), // T-03: no fallback
      aud: isKey ? undefined : (metadata?.['oauth_resource'] ?? ''), // T-04
      sub: subject,
      client_id: isKey ? undefined : identity['key_name'],
      scope: [...namesIn(metadata?.['scopes']), ...namesIn(answer['permissions'])],
      exp: expires, // T-05
      organization_id: identity['organization_id'],
      workspace_id: identity['workspace_id'],
      granted_resource: metadata?.['granted_resource'], // T-02: a claim for policy, never the subject
    }),
  )
}

/**
 * T-02: the subject is the person. A token without a person is let in only where the file says so, under a name that no
 * person has.
 */
function subjectOf(identity: JsonObject, { machineTokens }: WachtSettings): Json | undefined {
  const owner = identity['owner_user_id']
  if (owner !== undefined && owner !== null) return owner
  const key = identity['key_id']
  return machineTokens && typeof key === 'string' && key !== '' ? `key:${key}` : undefined
}

/** Permissions are used as scopes. A name that is no scope token is left out, since no rule could name it. */
function namesIn(value: Json | undefined): string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : []
  return list.filter((name): name is string => typeof name === 'string' && isScopeToken(name))
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined
}
