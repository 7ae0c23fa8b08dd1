// CORS for the MCP routes: off unless origins are listed, then for exactly those (ORG-05). A literal `*` does
// not cover Authorization, so headers are named.
import { type Fields, trimSpace, valuesOf } from '../core/fields.ts'
import type { Answer, HeaderList } from './answer.ts'

const ALLOW_HEADERS = [
  'authorization',
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-session-id',
  'mcp-method',
  'mcp-name',
  'last-event-id',
  'dpop',
  'traceparent',
  'tracestate',
  'x-portcullis-request',
]
const EXPOSE_HEADERS = 'www-authenticate, mcp-session-id, mcp-protocol-version, dpop-nonce, x-request-id'
const MAX_REFLECTED = 32
/** T26-15: what mirrors an argument has the argument's name, which may be any token (RFC 9110 §5.6.2). */
const MIRRORED = /^mcp-param-[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/

export function isPreflight(method: string, fields: Fields): boolean {
  return method === 'OPTIONS' && valuesOf(fields, 'access-control-request-method').length > 0
}

/** The headers that let a listed origin read an answer, refusals included. */
export function originHeaders(origin: string): HeaderList {
  return [
    ...['access-control-allow-origin', origin],
    ...['access-control-expose-headers', EXPOSE_HEADERS],
    ...['vary', 'origin'],
  ]
}

/** Lets a page of this origin send the cookie of a browser session along; only listed ones may (G9). */
export function credentialHeaders(allowedOrigins: readonly string[], origin: string): HeaderList {
  return allowedOrigins.includes(origin) ? ['access-control-allow-credentials', 'true'] : []
}

/** The answer to a preflight; without a listed origin it grants nothing, which makes the browser refuse. */
export function preflightAnswer(fields: Fields, origin: string | undefined): Answer {
  if (origin === undefined) return { status: 204, headers: { vary: 'origin' }, body: '' }
  const asked = valuesOf(fields, 'access-control-request-headers').join(',').toLowerCase().split(',')
  const params = asked.map(trimSpace).filter((name) => MIRRORED.test(name))
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'POST, GET, DELETE',
      'access-control-allow-headers': [...ALLOW_HEADERS, ...params.slice(0, MAX_REFLECTED)].join(', '),
      'access-control-max-age': '600',
    },
    body: '',
  }
}
