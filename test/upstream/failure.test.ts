// Every way a connection to an upstream ends badly, as a refusal: no code is left to chance.
import { errors } from 'undici'
import { expect, test } from 'vitest'
import { errorCode, upstreamFailure } from '../../src/upstream/failure.ts'

function check(code: string): string {
  return upstreamFailure(Object.assign(new Error('a message that quotes what was sent'), { code })).reason
}

/** Each UND_ERR code that undici exports, decided here. A new one in an update fails the test below. */
const UNDICI: Readonly<Record<string, 'upstream_timeout' | 'upstream_invalid' | 'upstream_unreachable'>> = {
  UND_ERR: 'upstream_unreachable',
  UND_ERR_ABORT: 'upstream_unreachable',
  UND_ERR_ABORTED: 'upstream_unreachable',
  UND_ERR_BODY_TIMEOUT: 'upstream_timeout',
  UND_ERR_BPL_MISSING_UPSTREAM: 'upstream_unreachable',
  UND_ERR_CLOSED: 'upstream_unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'upstream_timeout',
  UND_ERR_DESTROYED: 'upstream_unreachable',
  UND_ERR_HEADERS_OVERFLOW: 'upstream_invalid',
  UND_ERR_HEADERS_TIMEOUT: 'upstream_timeout',
  UND_ERR_INFO: 'upstream_unreachable',
  UND_ERR_INVALID_ARG: 'upstream_unreachable',
  UND_ERR_INVALID_RETURN_VALUE: 'upstream_unreachable',
  UND_ERR_MAX_ORIGINS_REACHED: 'upstream_unreachable',
  UND_ERR_NOT_SUPPORTED: 'upstream_unreachable',
  UND_ERR_PRX_CONN: 'upstream_unreachable',
  UND_ERR_PRX_TLS: 'upstream_unreachable',
  UND_ERR_REDIRECT_MAX: 'upstream_unreachable',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'upstream_unreachable',
  UND_ERR_REQ_RETRY: 'upstream_unreachable',
  UND_ERR_RESPONSE: 'upstream_unreachable',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream_invalid',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'upstream_invalid',
  UND_ERR_SOCKET: 'upstream_unreachable',
  UND_ERR_SOCKS5: 'upstream_unreachable',
  UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: 'upstream_unreachable',
}

function exportedCodes(): string[] {
  const codes = Object.values(errors).flatMap((Kind) => {
    const made = new (Kind as new (...parts: unknown[]) => { code?: unknown })('m', undefined, {
      headers: {},
    })
    return typeof made.code === 'string' && made.code.startsWith('UND_ERR') ? [made.code] : []
  })
  return [...new Set(codes)].sort()
}

test('L37 the table names every code that undici exports, and no other', () => {
  expect(Object.keys(UNDICI).sort()).toEqual(exportedCodes())
})

test.each(Object.entries(UNDICI))('L37 %s is %s', (code, expected) => expect(check(code)).toBe(expected))

test.each([
  ['ECONNREFUSED', 'upstream_unreachable'],
  ['ECONNRESET', 'upstream_unreachable'],
  ['EPIPE', 'upstream_unreachable'],
  ['ENOTFOUND', 'upstream_unreachable'],
  ['EAI_AGAIN', 'upstream_unreachable'],
  ['EHOSTUNREACH', 'upstream_unreachable'],
  ['ENETUNREACH', 'upstream_unreachable'],
  ['EFORBIDDEN', 'upstream_unreachable'],
  ['ETIMEDOUT', 'upstream_timeout'],
  ['CERT_HAS_EXPIRED', 'upstream_unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'upstream_unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream_unreachable'],
  ['HPE_INVALID_CONSTANT', 'upstream_invalid'],
  ['HPE_INVALID_CHUNK_SIZE', 'upstream_invalid'],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', 'upstream_invalid'],
])('L37 %s is %s', (code, expected) => expect(check(code)).toBe(expected))

test.each([
  [new TypeError('secret'), 'TypeError'],
  [new Error('secret', { cause: Object.assign(new Error('secret'), { code: 'ECONNRESET' }) }), 'ECONNRESET'],
  [Object.assign(new Error('secret'), { code: 42 }), 'Error'],
  ['secret', 'string'],
  [undefined, 'undefined'],
])('K02 a word for %s, never its message', (thrown, expected) => expect(errorCode(thrown)).toBe(expected))
