// verifier: http (B17): a strict answer, expiry and audience as musts, and every way in which the service can fail.
import type { ServerResponse } from 'node:http'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import type { HttpVerdictSettings } from '../../src/core/settings-verifier.ts'
import { startHttpJudge, type TestHttpJudge } from '../support/http-verdicts.ts'
import { type Judged, KEEPING, openJudged } from './judged.ts'
import { type FakeClock, fakeClock, NOW, outcome, RESOURCE } from './scene.ts'

const GOOD = {
  ...{ allowed: true, subject: 'ada', client_id: 'desk', scopes: ['a', 'b'], audience: RESOURCE },
  expires_at: NOW + 600,
}

let clock: FakeClock
let service: TestHttpJudge
beforeEach(async () => {
  clock = fakeClock()
  service = await startHttpJudge(GOOD)
  onTestFinished(() => service.close())
})

function open(over: Partial<HttpVerdictSettings> = {}): Judged {
  const judge = { kind: 'http', endpoint: service.url, token: undefined, audience: 'required' } as const
  return openJudged({ ...judge, timeoutMs: 3000, ...KEEPING, ...over }, clock)
}

async function judge(over: object, settings?: Partial<HttpVerdictSettings>): Promise<string> {
  service.answer = { ...GOOD, ...over }
  return outcome(await open(settings).verify('opaque'))
}

describe('B17: what it may answer', () => {
  const implied = { audience: 'implied_by_endpoint' } as const
  const rows: readonly (readonly [string, object, string, Partial<HttpVerdictSettings>?])[] = [
    ['all that is needed', {}, 'ok'],
    ['an RFC 3339 expiry', { expires_at: new Date((NOW + 60) * 1000).toISOString() }, 'ok'],
    ['the right issuer', { issuer: 'https://login.example' }, 'ok'],
    ['not allowed', { allowed: false }, 'inactive'],
    ['T-05 no expiry', { expires_at: undefined }, 'expiry'],
    ['T-05 an expiry that has passed', { expires_at: NOW - 60 }, 'expiry'],
    ['milliseconds instead of seconds', { expires_at: (NOW + 600) * 1000 }, 'lifetime'],
    ['no subject', { subject: undefined }, 'subject'],
    ['a blank subject', { subject: ' ' }, 'subject'],
    ['no audience', { audience: undefined }, 'audience'],
    ['no audience where the endpoint implies it', { audience: undefined }, 'ok', implied],
    ['another audience although it is implied', { audience: 'https://x.example' }, 'audience', implied],
    ['another issuer', { issuer: 'https://evil.example' }, 'issuer'],
    ['a scope that is none', { scopes: ['a b'] }, 'claims'],
    ['a member nobody knows', { scope: 'a' }, 'issuer_unreachable'],
    ['allowed as text', { allowed: 'true' }, 'issuer_unreachable'],
    ['allowed missing', { allowed: undefined }, 'issuer_unreachable'],
    ['an expiry as a word', { expires_at: 'tomorrow' }, 'issuer_unreachable'],
    ['scopes as text', { scopes: 'a b' }, 'issuer_unreachable'],
    ['a claim that would pass for ours', { subject: undefined, claims: { sub: 'root' } }, 'subject'],
  ]
  const cases = rows.map(([name, over, expected, settings]) => ({ name, over, expected, settings }))
  test.each(cases)('$name', async ({ over, expected, settings }) => {
    expect(await judge(over, settings)).toBe(expected)
    expect(service.asked).toHaveLength(1)
  })

  test('claims reach the policy, and never replace what the answer says', async () => {
    service.answer = { ...GOOD, claims: { team: 'blue', sub: 'root', exp: NOW + 9_999_999 } }
    const result = await open().verify('opaque')
    expect(result.ok && result.value).toMatchObject({ subject: 'ada', expiresAt: NOW + 600 })
    expect(result.ok && result.value.claims['team']).toBe('blue')
  })

  test('what it is asked, and with which word', async () => {
    await open({ token: new Secret('shown-there') }).verify('opaque', { address: '192.0.2.7' })
    expect(service.asked[0]?.headers.authorization).toBe('Bearer shown-there')
    expect(service.asked[0]?.body).toEqual({
      ...{ token: 'opaque', method: 'POST', url: RESOURCE, client_ip: '192.0.2.7' },
    })
  })

  test('B3: one question for many callers, and yes and no are kept for as long as the file says', async () => {
    const route = open()
    await Promise.all(Array.from({ length: 50 }, () => route.verify('opaque')))
    expect(service.asked).toHaveLength(1)
    service.answer = { allowed: false }
    await route.verify('other')
    await route.verify('other')
    expect(service.asked).toHaveLength(2)
    clock.pass(5_001)
    await route.verify('other')
    expect(service.asked).toHaveLength(3)
  })
})

describe('B18: the service fails', () => {
  const json = { 'content-type': 'application/json' }
  const faults: readonly (readonly [string, (response: ServerResponse) => unknown])[] = [
    ['reset', (response) => response.socket?.resetAndDestroy()],
    ['hang', () => undefined],
    ['an error', (response) => response.writeHead(500).end()],
    ['unauthorized', (response) => response.writeHead(401).end()],
    ['no JSON', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    ['cut short', (response) => response.writeHead(200, json).end('{"allowed":true')],
    [
      'twice the same member',
      (response) => response.writeHead(200, json).end('{"allowed":false,"allowed":true}'),
    ],
    ['huge', (response) => response.writeHead(200, json).end(`{"allowed":true,"x":"${'x'.repeat(99_999)}"}`)],
    ['a redirect', (response) => response.writeHead(302, { location: service.url }).end()],
  ]
  test.each(faults)('%s: 503, never 401', async (_name, respond) => {
    service.respond = respond
    expect(outcome(await open({ timeoutMs: 200 }).verify('opaque'))).toBe('issuer_unreachable')
    service.respond = undefined
    expect(outcome(await open().verify('opaque'))).toBe('ok')
  })
})

describe('B17 what was answered for one request', () => {
  const requests = [
    ['another method', { method: 'DELETE' }],
    ['another path', { url: `${RESOURCE}/messages` }],
    ['another address', { address: '192.0.2.2' }],
  ] as const
  test.each(requests)('is no answer for %s', async (_what, over) => {
    const judged = open()
    const first = { method: 'POST', address: '192.0.2.1' }
    expect(outcome(await judged.verify('opaque', first))).toBe('ok')
    service.answer = { ...GOOD, allowed: false }
    expect(outcome(await judged.verify('opaque', { ...first, ...over }))).toBe('inactive')
    expect(outcome(await judged.verify('opaque', first))).toBe('ok')
    expect(service.asked).toHaveLength(2)
  })
})
