// Refusal → Answer: the 401 with its WWW-Authenticate header (formatted in challenge.ts) and every other refusal. The only
// file that knows the status codes of refusals; the sentences that clients get are in words.ts.
// The numbers R1 to R19 are those of docs/requirements.md. `detail` fields stay with the operator.
import type { Denial, Era, Refusal } from '../core/refusal.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { formatChallenge } from './challenge.ts'
import { approvalInResult, challengeInResult, isOfOneRequest } from './in-band.ts'
import {
  approvalWords,
  DENIED,
  EXPIRED,
  IN_VAIN,
  INVALID,
  insufficient,
  REQUIRED,
  required,
  USE_NONCE,
} from './words.ts'

/** What a refusal is told on behalf of. Everything here comes from configuration. */
export interface DenialContext {
  /** Absolute, of our own origin; for the form of the path that the client called (PRM-15). */
  readonly resourceMetadata: string
  /** What a challenge to sign in asks for. */
  readonly signInScopes: readonly string[]
  /** DPoP algorithms to advertise; empty when the route takes no DPoP. */
  readonly dpopAlgorithms: readonly string[]
  readonly dpopRequired: boolean
  /** Whether clients read the body of an answer; with HTTP+SSE they look at its status, and read the stream (SSE-08). */
  readonly bodyCounts: boolean
  /** How a caller of a tool is told to sign in, or to ask for more scopes. */
  readonly challenge: Denial
  /** Whether an error that concerns only this request is told by a status or in a JSON-RPC answer. */
  readonly errors: Denial
}

/** How the call can be answered: with its own id, once the body was read. */
export interface DeniedRequest {
  /** JSON text of the request id; undefined for a notification, a batch, or a body that could not be read. */
  readonly id: string | undefined
  /** True after the body was read: refusals are then JSON-RPC, before it OAuth JSON. */
  readonly bodyRead: boolean
  /** The revision of a single tools/call, whose result can carry a challenge; undefined for any other request. */
  readonly toolCall?: Era | undefined
}

export const UNREAD_REQUEST: DeniedRequest = { id: undefined, bodyRead: false }

const OAUTH_WORDS: Readonly<Record<number, string>> = {
  ...{ 403: 'access_denied', 429: 'too_many_requests', 502: 'bad_gateway' },
  ...{ 503: 'temporarily_unavailable', 504: 'gateway_timeout' },
}

const NO_STORE = { 'cache-control': 'no-store' }

export function deny(refusal: Refusal, context: DenialContext, denied: DeniedRequest): Answer {
  const inResult = denyInResult(refusal, context, denied)
  if (inResult !== undefined) return inResult
  const answer = denyByStatus(refusal, context, denied)
  const isTold = context.errors === 'in_band' && context.bodyCounts && denied.id !== undefined
  return isTold && isOfOneRequest(refusal) ? unchallenged(200, answer) : answer
}

/** For clients that end their session at any other status (Python `mcp` 1.x); only where the file says so. */
function unchallenged(status: number, answer: Answer): Answer {
  const { 'www-authenticate': _, ...headers } = answer.headers
  return { ...answer, status, headers }
}

/** With status 200, in the result of the tool call that was not made: docs/decisions.md, 32; where the file says so R17, D-02. */
function denyInResult(refusal: Refusal, context: DenialContext, denied: DeniedRequest): Answer | undefined {
  const { id, toolCall } = denied
  if (!context.bodyCounts || id === undefined || toolCall === undefined) return undefined
  const call = { id, era: toolCall }
  const isChallenged = context.challenge === 'in_band'
  const body =
    approvalInResult(refusal, call) ?? (isChallenged ? challengeInResult(refusal, context, call) : undefined)
  const headers = { 'content-type': 'application/json', ...NO_STORE }
  return body === undefined ? undefined : { status: 200, headers, body }
}

function denyByStatus(refusal: Refusal, context: DenialContext, denied: DeniedRequest): Answer {
  switch (refusal.reason) {
    case 'headers_too_large':
      return oauth(431, 'request_header_fields_too_large', `Too large: ${refusal.detail}`)
    case 'request_malformed':
      return closing(oauth(400, 'invalid_request', 'The request is malformed'))
    case 'early_data':
      return oauth(425, 'too_early', 'Send the request again after the TLS handshake') // RFC 8470 §5.2
    case 'host_forbidden':
      return oauth(403, 'forbidden', 'This host name is not served here')
    case 'origin_forbidden':
      return oauth(403, 'forbidden', 'This origin is not allowed') // R11
    case 'route_unknown':
      return oauth(404, 'not_found', 'Nothing is served at this path')
    case 'token_missing':
    case 'token_malformed':
    case 'token_rejected':
    case 'dpop_rejected':
      return denyCredential(refusal, context)
    case 'issuer_unreachable':
      return retry(
        oauth(503, 'temporarily_unavailable', 'The token cannot be checked right now'), // CHL-16
        refusal.retryAfterSeconds,
      )
    case 'method_not_allowed':
      return oauth(405, 'method_not_allowed', `Use ${refusal.allow}`, { allow: refusal.allow }) // R14
    case 'overloaded':
      return retry(rpc(503, denied, -32603, 'The gateway is busy'), refusal.retryAfterSeconds ?? 1)
    case 'policy_unavailable':
      return retry(rpc(503, denied, -32603, 'The policy cannot be read right now'), refusal.retryAfterSeconds)
    case 'audit_unavailable':
      return retry(rpc(503, denied, -32603, 'The gateway cannot record this call'), 5)
    case 'state_unavailable':
      return retry(rpc(503, denied, -32603, 'The gateway cannot check this request right now'), 1)
    case 'rate_limited':
      return retry(rpc(429, denied, 429, 'Too many requests'), refusal.retryAfterSeconds)
    case 'approval_required':
    case 'approval_denied':
      return rpc(403, denied, 403, approvalWords(refusal), { error: refusal.reason }, NO_STORE)
    case 'scope_missing':
    case 'call_forbidden':
    case 'method_unknown':
      return denyCall(refusal, context, denied)
    case 'upstream_unreachable':
    case 'upstream_invalid':
      return rpc(502, denied, -32603, 'The MCP server behind the gateway did not answer properly') // R19
    case 'upstream_timeout':
      return rpc(504, denied, -32603, 'The MCP server behind the gateway did not answer in time')
    case 'upstream_ended':
      return rpc(502, denied, -32603, 'The MCP server ended before it answered')
    default:
      return denyBody(refusal, context, denied)
  }
}

type CredentialRefusal = Extract<
  Refusal,
  { reason: 'token_missing' | 'token_malformed' | 'token_rejected' | 'dpop_rejected' }
>

/** R1, R2, R4 and R18. A client hears one of two sentences, and neither tells which check failed. */
function denyCredential(refusal: CredentialRefusal, context: DenialContext): Answer {
  const { resourceMetadata, signInScopes } = context
  switch (refusal.reason) {
    case 'token_missing': // CHL-05: no `error` when nothing was presented
      return challenged(401, context, { scope: signInScopes }, 'unauthorized', REQUIRED)
    case 'token_malformed':
      return challenged(400, context, { error: 'invalid_request' }, 'invalid_request', INVALID)
    case 'token_rejected': {
      const expired = refusal.expiredScopes
      const scope = expired ? [...new Set([...signInScopes, ...expired])].sort() : signInScopes // CHL-12
      const description = expired ? EXPIRED : INVALID
      return challenged(
        401,
        context,
        { error: 'invalid_token', scope, description },
        'invalid_token',
        description,
      )
    }
    case 'dpop_rejected': {
      const challenge = formatChallenge({
        scheme: 'DPoP',
        error: refusal.error,
        algs: context.dpopAlgorithms,
        resourceMetadata,
      })
      const headers = { ...NO_STORE, 'www-authenticate': challenge }
      if (refusal.error !== 'use_dpop_nonce') return oauth(401, refusal.error, INVALID, headers)
      return oauth(401, refusal.error, USE_NONCE, { ...headers, 'dpop-nonce': refusal.nonce }) // RFC 9449 §9
    }
  }
}

interface BearerParameters {
  readonly error?: string
  readonly scope?: readonly string[]
  readonly description?: string
}

function challenged(
  status: number,
  context: DenialContext,
  bearer: BearerParameters,
  error: string,
  description: string,
): Answer {
  const { resourceMetadata, dpopAlgorithms: algs } = context
  const challenges = [formatChallenge({ scheme: 'Bearer', resourceMetadata, ...bearer })]
  // CHL-13: Bearer first, since clients read the first; RFC 9449 §7.2 where a proof is a must.
  if (context.dpopRequired) challenges.push(formatChallenge({ scheme: 'DPoP', algs, resourceMetadata }))
  return oauth(status, error, description, { ...NO_STORE, 'www-authenticate': challenges })
}

type CallRefusal = Extract<Refusal, { reason: 'scope_missing' | 'call_forbidden' | 'method_unknown' }>

function denyCall(refusal: CallRefusal, context: DenialContext, denied: DeniedRequest): Answer {
  switch (refusal.reason) {
    case 'scope_missing': {
      if (refusal.futile) return rpc(403, denied, 403, IN_VAIN, { error: 'access_denied' }, NO_STORE)
      const challenge = formatChallenge({
        scheme: 'Bearer',
        error: 'insufficient_scope',
        scope: refusal.challenge, // CHL-10, CHL-11: everything this operation needs, beside what is held
        resourceMetadata: context.resourceMetadata,
        description: required(refusal.missing),
      })
      const data = { error: 'insufficient_scope', scope: refusal.challenge.join(' ') }
      const headers = { ...NO_STORE, 'www-authenticate': challenge }
      return rpc(403, denied, 403, insufficient(refusal.missing), data, headers) // R3
    }
    case 'call_forbidden': {
      const inBand = refusal.denial === 'in_band' && denied.id !== undefined && context.bodyCounts // R16, D-01
      return rpc(inBand ? 200 : 403, denied, 403, DENIED, { error: 'access_denied' }, NO_STORE)
    }
    case 'method_unknown': {
      const inBand = refusal.era === 'legacy' && context.bodyCounts // R9: an ordinary JSON-RPC error before 2026-07-28
      return rpc(inBand ? 200 : 404, denied, -32601, 'Method not found')
    }
  }
}

type BodyReason = 'body_too_large' | 'body_timeout' | 'media_type_unsupported' | 'body_unreadable'
type MessageReason = 'message_invalid' | 'params_invalid' | 'header_mismatch' | 'version_unsupported'
type StateReason = 'capability_missing' | 'session_malformed' | 'session_unknown' | 'task_unknown'
type BodyRefusal = Extract<Refusal, { reason: BodyReason | MessageReason | StateReason }>

/** Refusals of the message itself. Their details are our own words about its form, so the client may hear them. */
function denyBody(refusal: BodyRefusal, { bodyCounts }: DenialContext, denied: DeniedRequest): Answer {
  switch (refusal.reason) {
    case 'body_too_large':
      return closing(rpc(413, denied, -32600, `The body is larger than ${refusal.limitBytes} bytes`))
    case 'body_timeout':
      return closing(rpc(408, denied, -32600, 'The body did not arrive in time'))
    case 'media_type_unsupported':
      return rpc(415, denied, -32600, `Unsupported media type: ${refusal.detail}`)
    case 'body_unreadable':
      return rpc(400, denied, -32700, `Parse error: ${refusal.detail}`) // R13
    case 'message_invalid':
      return rpc(400, denied, -32600, `Invalid request: ${refusal.detail}`)
    case 'params_invalid':
      return rpc(400, denied, -32602, `Invalid params: ${refusal.detail}`) // R6
    case 'header_mismatch':
      return rpc(400, denied, -32020, `Header mismatch: ${refusal.detail}`) // R5
    case 'version_unsupported': {
      const data = { supported: refusal.supported, requested: refusal.requested }
      return rpc(400, denied, -32022, 'Unsupported protocol version', data) // R7
    }
    case 'capability_missing': {
      const data = { requiredCapabilities: { extensions: { [refusal.extension]: {} } } }
      return rpc(400, denied, -32021, 'Missing required client capability', data) // R8
    }
    case 'session_malformed':
      return rpc(400, denied, -32600, `Invalid session: ${refusal.detail}`)
    case 'session_unknown':
      return rpc(404, denied, -32001, 'Session not found') // R12
    case 'task_unknown':
      return rpc(bodyCounts ? 200 : 404, denied, -32602, 'Task not found')
  }
}

function oauth(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string | readonly string[]>> = NO_STORE,
): Answer {
  return jsonAnswer(status, { error, error_description: description }, headers)
}

/**
 * JSON-RPC once the body was read, OAuth JSON before it. T26-30: the id is echoed byte for byte, and left out
 * when it could not be read.
 */
function rpc(
  status: number,
  denied: DeniedRequest,
  code: number,
  message: string,
  data?: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): Answer {
  if (!denied.bodyRead) return oauth(status, OAUTH_WORDS[status] ?? 'invalid_request', message, headers)
  const error = JSON.stringify(data === undefined ? { code, message } : { code, message, data })
  const id = denied.id === undefined ? '' : `"id":${denied.id},`
  const body = `{"jsonrpc":"2.0",${id}"error":${error}}`
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

function retry(answer: Answer, seconds: number): Answer {
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.max(1, Math.ceil(seconds))) } }
}

/** D12: what is left of the body must not be read as the next request. */
function closing(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, connection: 'close' } }
}
