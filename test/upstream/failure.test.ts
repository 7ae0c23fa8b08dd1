// Every way a connection to an upstream ends badly, as a refusal: no code is left to chance.
import { expect, test } from 'vitest'
import { errorCode, upstreamFailure } from '../../src/upstream/failure.ts'

function check(code: string): string {
  return upstreamFailure(Object.assign(new Error('a message that quotes what was sent'), { code })).reason
}

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
])('L37 %s is %s', (code, expected) => expect(check(code)).toBe(expected))

test.each([
  [new TypeError('secret'), 'TypeError'],
  [new Error('secret', { cause: Object.assign(new Error('secret'), { code: 'ECONNRESET' }) }), 'ECONNRESET'],
  [Object.assign(new Error('secret'), { code: 42 }), 'Error'],
  ['secret', 'string'],
  [undefined, 'undefined'],
])('K02 a word for %s, never its message', (thrown, expected) => expect(errorCode(thrown)).toBe(expected))
