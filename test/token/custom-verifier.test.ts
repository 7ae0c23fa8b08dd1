// verifier: custom: the function of a program is held to what an answer of `verifier: http` is held to, and whatever
// goes wrong in it is a 503 that says nothing about the token.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TokenVerifier, VerifiedRequest } from '../../src/core/token-verifier.ts'
import { openJudged } from './judged.ts'
import { fakeClock, NOW, outcome, RESOURCE } from './scene.ts'

const KEEPING = { ttlSeconds: 0, negativeTtlSeconds: 0, maxEntries: 1000 }
const GOOD = {
  ...{ subject: 'ada', clientId: 'desk', scopes: ['a', 'b'], audience: RESOURCE, expiresAt: NOW + 600 },
}

function open(verifyAccessToken: (token: string, request: VerifiedRequest) => unknown, timeoutMs = 3000) {
  const verifier = { verifyAccessToken } as TokenVerifier
  return openJudged({ kind: 'custom', timeoutMs, ...KEEPING }, fakeClock(), {}, verifier)
}

const circle: Record<string, unknown> = {}
circle['itself'] = circle
const trap = new Proxy({}, { ownKeys: () => expect.fail('looked') })

describe('what a function may answer', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['all that is needed', GOOD, 'ok'],
    ['audiences as a list', { ...GOOD, audience: ['https://x.example', RESOURCE] }, 'ok'],
    ['the right issuer', { ...GOOD, issuer: 'https://login.example' }, 'ok'],
    ['undefined members', { ...GOOD, clientId: undefined, roles: undefined }, 'ok'],
    ['nothing, when the token is not valid', undefined, 'inactive'],
    ['null, the same', null, 'inactive'],
    ['nothing in it', {}, 'audience'],
    ['no audience', { ...GOOD, audience: undefined }, 'audience'],
    ['the audience of somebody else', { ...GOOD, audience: 'https://x.example' }, 'audience'],
    ['no expiry', { ...GOOD, expiresAt: undefined }, 'expiry'],
    ['an expiry that has passed', { ...GOOD, expiresAt: NOW - 60 }, 'expiry'],
    ['milliseconds instead of seconds', { ...GOOD, expiresAt: (NOW + 600) * 1000 }, 'lifetime'],
    ['an expiry that is no number', { ...GOOD, expiresAt: Number.NaN }, 'issuer_unreachable'],
    ['no subject', { ...GOOD, subject: undefined }, 'subject'],
    ['a subject that is too long', { ...GOOD, subject: 'a'.repeat(1025) }, 'subject'],
    ['too many scopes', { ...GOOD, scopes: Array.from({ length: 501 }, (_, n) => `s${n}`) }, 'claims'],
    ['another issuer', { ...GOOD, issuer: 'https://evil.example' }, 'issuer'],
    ['claims that would pass for ours', { ...GOOD, subject: undefined, claims: { sub: 'root' } }, 'subject'],
    ['a bound token without its proof', { ...GOOD, claims: { cnf: { jkt: 'x' } } }, 'binding'],
    ['a misspelt member', { ...GOOD, scope: 'a' }, 'issuer_unreachable'],
    ['the name in the JSON answer', { ...GOOD, client_id: 'root' }, 'issuer_unreachable'],
    ['allowed, which is not for it to say', { ...GOOD, allowed: true }, 'issuer_unreachable'],
    ['scopes as text', { ...GOOD, scopes: 'a b' }, 'issuer_unreachable'],
    ['scopes as a set', { ...GOOD, scopes: new Set(['a']) }, 'issuer_unreachable'],
    ['true', true, 'issuer_unreachable'],
    ['text', '{"subject":"ada"}', 'issuer_unreachable'],
    ['a list', [GOOD], 'issuer_unreachable'],
    ['a circle', { ...GOOD, claims: circle }, 'issuer_unreachable'],
    ['a BigInt', { ...GOOD, claims: { big: 1n } }, 'issuer_unreachable'],
    ['too much', { ...GOOD, claims: { text: 'x'.repeat(65_536) } }, 'issuer_unreachable'],
    ['an object that throws when it is read', trap, 'issuer_unreachable'],
  ]
  const cases = rows.map(([name, answer, expected]) => ({ name, answer, expected }))
  test.each(cases)('$name', async ({ answer, expected }) => {
    expect(outcome(await open(async () => answer).verify('opaque'))).toBe(expected)
  })

  test('claims reach the policy, and never replace what the answer says', async () => {
    const claims = { team: 'blue', sub: 'root', exp: NOW + 9_999_999 }
    const result = await open(async () => ({ ...GOOD, claims })).verify('opaque')
    expect(result.ok && result.value).toMatchObject({
      ...{ issuer: 'https://login.example', subject: 'ada', clientId: 'desk', expiresAt: NOW + 600 },
      claims: { team: 'blue' },
    })
  })

  test('it is told the token, and of the request what a service would be told', async () => {
    const asked = vi.fn(async () => GOOD)
    await open(asked).verify('opaque', { address: '192.0.2.7' })
    const request = { method: 'POST', url: RESOURCE, clientAddress: '192.0.2.7', signal: expect.anything() }
    expect(asked.mock.calls).toEqual([['opaque', request]])
  })
})

describe('a function that fails', () => {
  const detailOf = async (verify: () => unknown, timeoutMs?: number) => {
    const result = await open(verify, timeoutMs).verify('opaque')
    return !result.ok && 'detail' in result.refusal
      ? `${result.refusal.reason}: ${result.refusal.detail}`
      : 'ok'
  }

  test('it throws at once', async () => {
    const verify = () => {
      throw new TypeError('token opaque has no user')
    }
    expect(await detailOf(verify)).toBe('issuer_unreachable: issuer corp: the verifier threw TypeError')
  })

  test.each([
    ['an error', new RangeError('x'), 'RangeError'],
    ['a word', 'opaque', 'something'],
    [
      'an error whose name quotes the token',
      Object.assign(new Error('x'), { name: 'no opaque!' }),
      'something',
    ],
  ])('it rejects with %s', async (_what, error, told) => {
    const verify = () => Promise.reject(error)
    expect(await detailOf(verify)).toBe(`issuer_unreachable: issuer corp: the verifier threw ${told}`)
  })

  test('it hangs: the caller is told in time, the signal is aborted, and a late failure harms nothing', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    const signals: AbortSignal[] = []
    const late = Promise.withResolvers<never>()
    const verify = (_token: string, { signal }: VerifiedRequest) => {
      signals.push(signal)
      return late.promise
    }
    expect(outcome(await open(verify, 50).verify('opaque'))).toBe('issuer_unreachable')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    late.reject(new Error('too late'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('it is left alone after five failures in a row, as a service is', async () => {
    const verify = vi.fn(() => Promise.reject(new Error('down')))
    const route = open(verify)
    for (let time = 0; time < 8; time++) await route.verify(`opaque-${time}`)
    expect(verify).toHaveBeenCalledTimes(5)
    expect(route.ready()).toBe(false)
  })

  test('without one nothing starts', () => {
    const settings = { kind: 'custom', timeoutMs: 3000, ...KEEPING } as const
    expect(() => openJudged(settings, fakeClock())).toThrow(
      /issuer corp: `verifier: custom` needs a function/,
    )
  })
})
