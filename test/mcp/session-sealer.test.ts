import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Principal } from '../../src/core/principal.ts'
import { ownerOf } from '../../src/mcp/owner.ts'
import { createSealer } from '../../src/mcp/session-sealer.ts'

const key = Buffer.alloc(32, 7)
const MAX_BYTES = 4_096
const sealer = createSealer(key, MAX_BYTES)

function principal(issuer: string, subject: string, clientId?: string): Principal {
  return {
    issuer,
    subject,
    key: `${issuer} ${subject}`,
    clientId,
    scopes: new Set(),
    roles: [],
    expiresAt: 0,
    boundKey: undefined,
    claims: {},
  }
}

test('SES-04 what was sealed opens for its scope, in any process with the key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.string(), (plain, scope) => {
      const sealed = sealer.seal(scope, plain)
      expect(sealed).toMatch(/^[A-Za-z0-9_-]{1,1000}$/)
      expect(createSealer(Buffer.from(key), MAX_BYTES).open(scope, sealed ?? '')).toBe(
        Buffer.from(plain).toString(),
      )
    }),
  )
})

test('S01 it opens for no other scope and with no other key', () => {
  const sealed = sealer.seal('a', 'id') ?? ''
  expect(sealer.open('b', sealed)).toBeUndefined()
  expect(sealer.open('', sealed)).toBeUndefined()
  expect(createSealer(Buffer.alloc(32, 8), MAX_BYTES).open('a', sealed)).toBeUndefined()
})

test('S03 no change of it opens', () => {
  const sealed = sealer.seal('a', 'upstream-session-id') ?? ''
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'AZaz09-_'), (at, letter) => {
      const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1)
      expect(sealer.open('a', changed)).toBe(changed === sealed ? 'upstream-session-id' : undefined)
    }),
  )
})

test.each([
  '',
  'x',
  'guess',
  '0',
  'A'.repeat(37),
  'A'.repeat(64),
  'A'.repeat(2000),
  'a b',
  'a=\r\n',
  'é',
  `${sealer.seal('a', 'id')}=`,
])('S03 S04 S06 %j is no session of ours', (sealed) => expect(sealer.open('a', sealed)).toBeUndefined())

test('S40 one id is sealed alike for one caller, in every process with the key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (scope, plain) => {
      expect(createSealer(Buffer.from(key), MAX_BYTES).seal(scope, plain)).toBe(sealer.seal(scope, plain))
    }),
  )
})

test('S41 no two ids, and no two callers, share a nonce, whatever they have in common', () => {
  const part = fc.string({ unit: fc.constantFrom(...'01:'), maxLength: 4 })
  const nonce = ([scope, plain]: readonly [string, string]) => sealer.seal(scope, plain)?.slice(0, 16)
  fc.assert(
    fc.property(fc.tuple(part, part), fc.tuple(part, part), (one, other) => {
      const equal = one[0] === other[0] && one[1] === other[1]
      expect(nonce(one) === nonce(other)).toBe(equal)
    }),
  )
})

test('S40 what an earlier version sealed with a nonce by chance still opens', () => {
  // Made with 0.1.0 before the nonce was derived, by this key for the scope `a`.
  const sealed = 'Q6uAEBi_76Jom8eQ4pomhTjwmmCklFAmxNzXHg6F2uUjScNeai-BLaM8RCLuBXQ'
  expect(sealer.open('a', sealed)).toBe('upstream-session-id')
})

test('an id over the limit is not sealed, one that meets it is', () => {
  expect(sealer.seal('a', 'x'.repeat(MAX_BYTES + 1))).toBeUndefined()
  expect(sealer.seal('a', 'é'.repeat(MAX_BYTES / 2 + 1))).toBeUndefined()
  const longest = sealer.seal('a', 'x'.repeat(MAX_BYTES)) ?? ''
  expect(sealer.open('a', longest)).toBe('x'.repeat(MAX_BYTES))
  expect(createSealer(key, MAX_BYTES - 1).open('a', longest)).toBeUndefined()
})

test('a short key is a mistake', () => {
  expect(() => createSealer(Buffer.alloc(31), MAX_BYTES)).toThrow(RangeError)
})

test('SES-03 the owner is the principal, whatever the token', () => {
  const now = ownerOf('r', principal('i', 's', 'c'))
  expect(
    ownerOf('r', { ...principal('i', 's', 'c'), expiresAt: 9, scopes: new Set(['x']), claims: { a: 1 } }),
  ).toBe(now)
})

test('SES-02 two owners are never the same text', () => {
  const part = fc.string({ unit: fc.constantFrom(...'0123456789:-'), maxLength: 4 })
  const owner = fc.tuple(part, part, part, fc.option(part, { nil: undefined }))
  fc.assert(
    fc.property(owner, owner, ([r1, i1, s1, c1], [r2, i2, s2, c2]) => {
      const equal = r1 === r2 && i1 === i2 && s1 === s2 && c1 === c2
      expect(ownerOf(r1, principal(i1, s1, c1)) === ownerOf(r2, principal(i2, s2, c2))).toBe(equal)
      expect(ownerOf(r1, undefined)).not.toBe(ownerOf(r2, principal(i2, s2, c2)))
    }),
  )
})
