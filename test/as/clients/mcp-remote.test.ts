// mcp-remote as it was seen (Q-18): metadata with `Accept-Encoding: identity`, a callback port that moves, `openid email
// profile` when nothing else is known, and its own members in the registration.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discover, walk } from './walk.ts'
import { ask, startWhole, type Whole } from './whole.ts'

let whole: Whole

beforeAll(async () => {
  whole = await startWhole()
})
afterAll(() => whole.close())

const REGISTRATION = {
  client_name: 'MCP CLI Proxy',
  client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
  software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
  software_version: '0.15.1',
}

describe('mcp-remote (Q-18)', () => {
  test('its look at the challenge: every parameter is name="value"', async () => {
    const { challenge } = await discover(whole, { method: 'POST' })
    const found = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    )
    expect(found).toMatchObject({
      scope: 'notes:read',
      resource_metadata: expect.stringContaining(whole.origin),
    })
  })

  test.each(['/notes/mcp', ''])(
    'its look at the metadata%s: plain, with a protocol version',
    async (path) => {
      const headers = { 'accept-encoding': 'identity', 'mcp-protocol-version': '2025-11-25' }
      const answer = await ask(`${whole.origin}/.well-known/oauth-protected-resource${path}`, { headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-encoding')).toBeNull()
    },
  )

  test.each([
    ['AS-08: the scope of the challenge', 'notes:read'],
    ['AS-08: openid email profile, when it knows of no other', 'openid email profile'],
  ])('%s', async (_, scope) => {
    await walk(whole, {
      redirectUri: 'http://localhost:3335/oauth/callback',
      registeredUris: ['http://localhost:3334/oauth/callback'],
      registration: { ...REGISTRATION, scope },
      resource: whole.resource,
      scope,
      state: 's',
    })
  })

  test('--disable-resource-parameter: no resource at all', async () => {
    await walk(whole, {
      redirectUri: 'http://localhost:3334/oauth/callback',
      registration: REGISTRATION,
      state: 's',
    })
  })
})
