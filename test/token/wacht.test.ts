// verifier: wacht against a mock of the check endpoint: its nine answers, what we bind that it does
// not, and what it is told.
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { IssuerSettings } from '../../src/core/settings.ts'
import type { WachtSettings } from '../../src/core/settings-verifier.ts'
import { startWacht, type TestWacht, type WachtAnswer } from '../support/wacht.ts'
import { type Judged, KEEPING, openJudged } from './judged.ts'
import { type FakeClock, fakeClock, outcome, RESOURCE } from './scene.ts'

const ISSUER = 'https://login.example'

let clock: FakeClock
let wacht: TestWacht
beforeEach(async () => {
  clock = fakeClock()
  wacht = await startWacht({ issuer: () => ISSUER, resource: () => RESOURCE })
  wacht.allowed = { metadata: { expires_at: new Date(clock.now() + 600_000).toISOString() } }
  onTestFinished(() => wacht.close())
})

function open(over: Partial<WachtSettings> = {}, issuer: Partial<IssuerSettings> = {}): Judged {
  const judge = {
    ...({ kind: 'wacht', gatewayUrl: wacht.url, principal: 'oauth_access_token', app: undefined } as const),
    ...{ machineTokens: false, timeoutMs: 3000, ...KEEPING },
  }
  return openJudged({ ...judge, ...over }, clock, issuer)
}

/** What an allowed answer leads to when this is laid over it. */
async function judge(over: WachtAnswer, settings?: Partial<WachtSettings>): Promise<string> {
  const { metadata, ...rest } = over
  wacht.allowed = { ...rest, metadata: { ...wacht.allowed.metadata, ...metadata } }
  return outcome(await open(settings).verify('good.1'))
}

describe('B15: the nine answers', () => {
  test.each([
    ['good.1', 'ok'],
    ['unknown.1', 'inactive'],
    ['nokey.1', 'inactive'],
    ['permission.1', 'call_forbidden'],
    ['limited.1', 'rate_limited'],
    ['forbidden.1', 'call_forbidden'],
    ['toomany.1', 'rate_limited'],
    ['broken.1', 'issuer_unreachable'],
    ['machine.1', 'subject'],
  ])('%s: %s', async (token, expected) => {
    expect(outcome(await open().verify(token))).toBe(expected)
    expect(wacht.checks.map(({ principal }) => principal.value)).toEqual([token])
  })

  test('an allowed person', async () => {
    wacht.allowed = { ...wacht.allowed, permissions: ['notes:read', 'two words', 'a'] }
    const result = await open().verify('good.1')
    expect(result.ok && result.value).toMatchObject({
      issuer: ISSUER,
      subject: '9001',
      clientId: 'oc_client',
    })
    expect(result.ok && [...result.value.scopes].sort()).toEqual(['a', 'notes:read'])
    expect(result.ok && result.value.claims['granted_resource']).toBe('urn:wacht:organization:5')
  })
})

describe('what the endpoint does not bind', () => {
  const rows: readonly (readonly [string, WachtAnswer, string, Partial<WachtSettings>?])[] = [
    ['T-01 allowed is text', { allowed: 'true' }, 'inactive'],
    ['T-01 allowed is absent', { allowed: undefined }, 'inactive'],
    ['T-02 nobody’s token', { identity: { owner_user_id: undefined } }, 'subject'],
    ['T-02 an empty owner', { identity: { owner_user_id: '' } }, 'subject'],
    ['T-02 no identity', { identity: { owner_user_id: 5 } }, 'subject'],
    ['T-03 no issuer', { headers: { 'x-wacht-oauth-issuer': undefined } }, 'issuer'],
    ['T-03 another issuer', { headers: { 'x-wacht-oauth-issuer': 'https://evil.example' } }, 'issuer'],
    ['T-03 the issuer with a slash', { headers: { 'x-wacht-oauth-issuer': `${ISSUER}/` } }, 'issuer'],
    ['T-04 no resource', { metadata: { oauth_resource: undefined } }, 'audience'],
    ['T-04 another resource', { metadata: { oauth_resource: 'https://other.example/mcp' } }, 'audience'],
    ['T-04 a resource below ours', { metadata: { oauth_resource: `${RESOURCE}/sub` } }, 'audience'],
    ['T-05 no expiry', { metadata: { expires_at: undefined } }, 'expiry'],
    ['T-05 a year long gone', { metadata: { expires_at: '2020-01-01T00:00:00Z' } }, 'expiry'],
    ['T-05 not RFC 3339', { metadata: { expires_at: '1 Jan 2099' } }, 'expiry'],
    ['T-05 a number', { metadata: { expires_at: 4_000_000_000 } }, 'expiry'],
    ['another app', { identity: { app_slug: 'other-app' } }, 'audience', { app: 'notes-app' }],
    ['the app that was named', {}, 'ok', { app: 'notes-app' }],
  ]
  const cases = rows.map(([name, over, expected, settings]) => ({ name, over, expected, settings }))
  test.each(cases)('$name', async ({ over, expected, settings }) => {
    expect(await judge(over, settings)).toBe(expected)
  })

  test('T-02 a machine, where the file lets machines in, has a name that no person has', async () => {
    const result = await open({ machineTokens: true }).verify('machine.1')
    expect(result.ok && result.value.subject).toBe('key:41')
  })

  test('allowed_scopes hold here too', async () => {
    wacht.allowed = { ...wacht.allowed, permissions: ['a', 'admin'] }
    const result = await open({}, { allowedScopes: new Set(['a']) }).verify('good.1')
    expect(result.ok && [...result.value.scopes]).toEqual(['a'])
  })
})

describe('what it is told', () => {
  test('T-08 E5: the real method and path, the address that we saw, and nothing of ours', async () => {
    await open().verify('good.1', { method: 'DELETE', address: '192.0.2.7' })
    expect(wacht.checks).toEqual([
      {
        principal: { type: 'oauth_access_token', value: 'good.1' },
        ...{ resource: '/mcp/a', method: 'DELETE', client_ip: '192.0.2.7' },
      },
    ])
    expect(wacht.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test('what the client calls itself, cut short, and the permissions that Wacht itself is to check', async () => {
    await open({ requiredPermissions: ['notes:use'] }).verify('good.1', { userAgent: () => 'x'.repeat(600) })
    expect(wacht.checks[0]).toMatchObject({
      user_agent: 'x'.repeat(512),
      required_permissions: ['notes:use'],
    })
  })

  test('B3: one question for a hundred callers, none while the answer lives, one when it has ended', async () => {
    const route = open()
    await Promise.all(Array.from({ length: 100 }, () => route.verify('good.1')))
    expect(wacht.checks).toHaveLength(1)
    clock.pass(29_000)
    await route.verify('good.1')
    expect(wacht.checks).toHaveLength(1)
    clock.pass(2_000)
    await route.verify('good.1')
    expect(wacht.checks).toHaveLength(2)
  })

  test('require_active asks again, and what was revoked is forgotten', async () => {
    const route = open()
    expect(outcome(await route.confirmActive('good.1'))).toBe('ok')
    expect(wacht.checks).toHaveLength(2)
    wacht.respond = (_check, response) => void response.writeHead(401).end()
    expect(outcome(await route.confirmActive('good.1'))).toBe('inactive')
    expect(outcome(await route.verify('good.1'))).toBe('inactive')
  })
})

describe('F7, T-47: limits', () => {
  test.each([
    ['limited.1', 60],
    ['toomany.1', 2],
  ])('%s: %d seconds', async (token, seconds) => {
    const result = await open().verify(token)
    expect(!result.ok && result.refusal).toEqual({
      ...{ reason: 'rate_limited', limit: 'issuers.corp', retryAfterSeconds: seconds },
    })
  })
})

describe('B16: API keys', () => {
  const key = { principal: 'api_key', app: 'notes-app' } as const

  test('bound to the app, believed for as long as an answer lives', async () => {
    wacht.allowed = { metadata: { expires_at: undefined, oauth_resource: undefined }, headers: {} }
    const route = open(key)
    const result = await route.verify('wk_live.1')
    expect(result.ok && result.value).toMatchObject({ subject: '9001', clientId: undefined, issuer: ISSUER })
    expect(result.ok && result.value.expiresAt).toBe(clock.now() / 1000 + KEEPING.ttlSeconds)
    expect(wacht.checks[0]?.principal.type).toBe('api_key')
  })

  test('of another app', async () => {
    expect(await judge({ identity: { app_slug: 'other' } }, key)).toBe('audience')
  })

  test('unknown, as text', async () => {
    expect(outcome(await open(key).verify('nokey.1'))).toBe('inactive')
  })
})

describe('B18: the check fails', () => {
  const faults: readonly (readonly [string, TestWacht['respond']])[] = [
    ['reset', (_check, response) => void response.socket?.resetAndDestroy()],
    ['hang', () => undefined],
    ['text instead of JSON', (_check, response) => void response.writeHead(200).end('OK')],
    ['JSON cut short', (_check, response) => void response.writeHead(200).end('{"allowed":true')],
    ['a list', (_check, response) => void response.writeHead(200).end('[true]')],
    [
      'two verdicts',
      (_check, response) => void response.writeHead(200).end('{"allowed":false,"allowed":true}'),
    ],
    [
      'huge',
      (_check, response) => void response.writeHead(200).end(`{"allowed":true,"x":"${'x'.repeat(99_999)}"}`),
    ],
    [
      'a redirect',
      (_check, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['unprocessable', (_check, response) => void response.writeHead(422).end('unknown field')],
    ['unavailable', (_check, response) => void response.writeHead(503, { 'retry-after': '7' }).end()],
  ]
  test.each(faults)('%s', async (name, respond) => {
    wacht.respond = respond
    const route = open({ timeoutMs: 200 })
    expect(outcome(await route.verify('good.1'))).toBe('issuer_unreachable')
    wacht.respond = undefined
    clock.pass(8_000)
    expect(outcome(await route.verify('good.1')), name).toBe('ok')
  })

  test('the breaker opens after five failures, and one question closes it', async () => {
    const route = open()
    wacht.respond = (_check, response) => void response.writeHead(500).end()
    for (let i = 0; i < 8; i++) await route.verify(`good.${i}`)
    expect(wacht.checks).toHaveLength(5)
    expect(route.ready()).toBe(false)
    wacht.respond = undefined
    clock.pass(2_001)
    expect(outcome(await route.verify('good.9'))).toBe('ok')
    expect(route.ready()).toBe(true)
  })
})
