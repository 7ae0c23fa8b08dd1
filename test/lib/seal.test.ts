// What seals rows, cookies and session ids: only the key of the use opens it, in its place, unchanged; and what earlier
// versions sealed, in either layout, still opens.
import { describe, expect, test } from 'vitest'
import { createCookieJar } from '../../src/as/web/cookies.ts'
import { createSealedCookie } from '../../src/as/web/sealed-cookie.ts'
import { createSeal, SEAL_BYTES, type SealLayout } from '../../src/lib/seal.ts'
import { createSealer } from '../../src/mcp/session-sealer.ts'

const SECRET = Buffer.alloc(32, 7)

describe.each<SealLayout>(['nonce tag text', 'nonce text tag'])('%s', (layout) => {
  const seal = createSeal(SECRET, 'test', layout)

  test('opens what it sealed, in its place only', () => {
    const sealed = seal.seal('hidden', 'here')
    expect(sealed.length).toBe(SEAL_BYTES + 'hidden'.length)
    expect(seal.open(sealed, 'here')).toBe('hidden')
    expect(seal.open(sealed, 'there')).toBeUndefined()
    expect(createSeal(SECRET, 'other use', layout).open(sealed, 'here')).toBeUndefined()
    expect(createSeal(Buffer.alloc(32, 1), 'test', layout).open(sealed, 'here')).toBeUndefined()
  })

  test('one text is sealed otherwise each time', () => {
    expect(seal.seal('hidden', 'here')).not.toEqual(seal.seal('hidden', 'here'))
  })

  test.each([0, 5, 12, 30])('a flipped bit at byte %i', (at) => {
    const sealed = seal.seal('hidden', 'here')
    sealed.writeUInt8(sealed.readUInt8(at) ^ 1, at)
    expect(seal.open(sealed, 'here')).toBeUndefined()
  })

  test.each([0, 5, 27, 28])('cut to %i bytes', (length) => {
    expect(seal.open(seal.seal('hidden', 'here').subarray(0, length), 'here')).toBeUndefined()
  })

  test('the empty text', () => {
    expect(seal.open(seal.seal('', 'here'), 'here')).toBe('')
  })
})

test('the layouts are two', () => {
  const sealed = createSeal(SECRET, 'test', 'nonce tag text').seal('hidden', 'here')
  expect(createSeal(SECRET, 'test', 'nonce text tag').open(sealed, 'here')).toBeUndefined()
})

/** Sealed with the sources of commit 83f0c3c, where rows, cookies and session ids had code of their own. */
describe('what an earlier version sealed still opens', () => {
  test('a row of the store', () => {
    const row = 'echXq7afOtgbylyD2Cdqfn5N0sSIk7uMvXy572qPpVMBdUaJgPJ6aBAa3lfCmOA'
    const seal = createSeal(SECRET, 'payload')
    expect(seal.open(Buffer.from(row, 'base64url'), 'grant 1')).toBe('{"sub":"local:ada"}')
  })

  test('a cookie', () => {
    const value =
      'LR37sESyxzHSNmN3aaDobGWYXJj7bpI2QGu9QQ_j0Tc5liFqW8_lwzUJRWxUWLqThrG4Q0sqj474pBU4mMXQcUhHzlOblOomGGo'
    const clock = { now: () => 1_000 }
    const cookie = createSealedCookie(createCookieJar(false), { clock, secret: SECRET }, 'way')
    const request = { rawHeaders: ['Cookie', `portcullis-way=${value}`] }
    expect(cookie.read(request as never)).toEqual({ back: '/account' })
  })

  test('a session id, which is the same text today', () => {
    const id = 'H3tOOe4oWjSI3pjoctC2cYR22BKlhTJOcn1yLwP9lWGyY1tjBwmh77gc8kuAzHE'
    const sealer = createSealer(SECRET, 4_096)
    expect(sealer.open('a', id)).toBe('upstream-session-id')
    expect(sealer.seal('a', 'upstream-session-id')).toBe(id)
  })
})
