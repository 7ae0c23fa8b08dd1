// Answers that the engine gives itself, before or instead of oidc-provider: errors as OAuth JSON, documents, and the
// headers that let programs in browsers call its endpoints.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OAuthError } from './request-params.ts'

/** RFC 6585 §4 */
export const TOO_MANY_REQUESTS: OAuthError = {
  status: 429,
  error: 'temporarily_unavailable',
  description: 'too many requests; try again later',
}

const MAX_ASKED_HEADERS = 1_024

/** RFC 6749 §5.1, §5.2 */
export function answerOAuthError(
  response: ServerResponse,
  fault: OAuthError,
  retryAfterSeconds?: number,
): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  response.setHeader('cache-control', 'no-store')
  answerJson(
    response,
    fault.status,
    JSON.stringify({ error: fault.error, error_description: fault.description }),
  )
}

export function answerJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

const GUARDS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * A23, A54: what oidc-provider sends to a browser by itself, such as a redirect or a form with a code in it. Pages of
 * ours say all of this again, and more.
 */
export function guardPage(response: ServerResponse): void {
  for (const [name, value] of Object.entries(GUARDS)) response.setHeader(name, value)
}

/**
 * Any origin may call, none with cookies; an opaque origin may not (A52). True when it was a preflight, which is then
 * answered.
 */
export function openToBrowsers(request: IncomingMessage, response: ServerResponse): boolean {
  const isOpaque = request.headers.origin === 'null'
  // Also where it grants nothing: oidc-provider names an origin back unless there is a CORS header already.
  response.setHeader(
    'access-control-expose-headers',
    'www-authenticate, dpop-nonce, retry-after, x-request-id',
  )
  if (!isOpaque) response.setHeader('access-control-allow-origin', '*')
  if (request.method !== 'OPTIONS') return false
  if (!isOpaque) allowAsked(request, response)
  response.writeHead(204).end()
  return true
}

function allowAsked(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers']
  response.setHeader('vary', 'access-control-request-headers')
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, DELETE')
  response.setHeader('access-control-max-age', '600')
  if (asked !== undefined && asked.length <= MAX_ASKED_HEADERS)
    response.setHeader('access-control-allow-headers', asked)
}
