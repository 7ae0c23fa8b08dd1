// Schemas of the header names that a configuration may choose: the identity prefix, and the header of a fixed
// credential. They refuse names whose meaning belongs to HTTP, to MCP or to the gateway.
import { z } from 'zod'
import { secret } from './scalars.ts'

/** Headers that have to pass: a prefix that covers one of them would strip it from every request. */
const PASSING = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'content-type',
  'content-encoding',
  'host',
  'origin',
  'user-agent',
  'last-event-id',
  'traceparent',
  'tracestate',
  'baggage',
  'authorization',
  'connection',
  'transfer-encoding',
  'sec-fetch-mode',
  'cache-control',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
]

const PREFIX_WORDS = 'expected a prefix such as x-mcp-: lower case, ending in a hyphen'
export const identityPrefix = z
  .string(PREFIX_WORDS)
  .regex(/^[a-z][a-z0-9-]{0,30}-$/, PREFIX_WORDS)
  .refine(
    (prefix) => !prefix.startsWith('mcp-') && !PASSING.some((header) => header.startsWith(prefix)),
    'this prefix covers headers of MCP or HTTP, which would be stripped; choose one such as x-mcp-',
  )

/**
 * Headers that say where a request came from or what it asks, and credentials: no claim may be sent under these names.
 */
const NO_CLAIM =
  /^x-(?:request-id|api-key|real-ip|client-ip|forwarded-(?!user$|email$|groups$|preferred-username$)|original-|rewrite-|http-|method-|host|proxy|envoy-|scheme|url-scheme|script-name|sendfile|accel-|jwt-payload)/

const CLAIM_HEADER_WORDS =
  'expected the name of a header for a claim, such as x-mcp-email, x-forwarded-email or remote-email'
export const claimHeader = z
  .string(CLAIM_HEADER_WORDS)
  .transform((header) => header.toLowerCase())
  .refine(
    (header) => /^(?:x|remote)-[a-z0-9-]{0,60}[a-z0-9]$/.test(header) && !NO_CLAIM.test(header),
    CLAIM_HEADER_WORDS,
  )

/** Written by the gateway after the prefix, whatever the file maps. */
export const IDENTITY_NAMES = ['subject', 'scopes', 'issuer', 'client-id']

/** RFC 9110 §7.6.1 and what the gateway itself writes. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'accept',
  'origin',
  'x-request-id',
  'traceparent',
  'tracestate',
])

/** RFC 9110 §5.5, without the bytes that only some servers take. */
export const staticValue = secret.refine(
  (value) => /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(value.reveal()),
  'expected the value of a header: visible ASCII, spaces only within',
)

const ASSERTION_HEADER = 'x-mcp-assertion'

const HEADER_WORDS = 'expected the name of a request header such as authorization or x-api-key'
const upstreamHeader = z
  .string(HEADER_WORDS)
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, HEADER_WORDS)
  .transform((header) => header.toLowerCase())

const WRITTEN_WORDS = 'this header is written by the gateway or by HTTP itself; choose another'
const isFree = (header: string) =>
  !RESERVED.has(header) && !header.startsWith('mcp-') && !header.startsWith('x-mcp-')

export const staticHeader = upstreamHeader.refine(isFree, WRITTEN_WORDS)
export const assertionHeader = upstreamHeader.refine(
  (header) => header === ASSERTION_HEADER || isFree(header),
  WRITTEN_WORDS,
)
