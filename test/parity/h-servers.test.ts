// H1 and H20 of the comparison with other systems: what a server of somebody else, or an MCP server that knows nothing
// of authorization, gets from standing beside this one.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../src/cli/demo/client-v2.ts'
import { DemoLogin } from '../../src/cli/demo/login.ts'
import { openDemoSession, rejection } from '../../src/cli/demo/session.ts'
import { createWire } from '../../src/cli/demo/wire.ts'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import { type RunningGateway, startGateway } from '../../src/gateway/gateway.ts'
import { signIn } from '../as/clients/sign-in.ts'
import { ask, callTool, postForm, startWhole, type Whole } from '../as/clients/whole.ts'
import { freePort } from '../support/free-port.ts'
import { startEverything } from '../upstreams/everything-2x.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

describe('H1: the endpoints that a resource server needs', () => {
  test('H1: introspection, keys and both well-knowns are there, and registration, revocation, devices', async () => {
    const whole = await startWhole()
    open.push(whole.close)
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const { status, json } = await ask(`${whole.origin}/.well-known/${name}`)
      const endpoints = ['registration', 'revocation', 'introspection', 'device_authorization', 'token']
      for (const endpoint of endpoints) expect(json[`${endpoint}_endpoint`]).toMatch(whole.origin)
      expect([status, json['jwks_uri']]).toEqual([200, `${whole.origin}/jwks`])
    }
  })

  test('H1: another gateway trusts it by introspection, and hears of a revocation', async () => {
    const whole = await startWhole()
    open.push(whole.close)
    const gateway = await startIntrospecting(whole)
    const habits = { redirectUri: 'https://client.example.com/cb', resource: whole.resource }
    const { accessToken, clientId } = await signIn(whole, habits)
    const there = { ...whole, resource: `${gateway.origin}/notes/mcp` }
    expect((await callTool(there, accessToken)).status).toBe(200)
    expect(whole.upstream.received.at(-1)?.headers).toMatchObject({
      'x-mcp-subject': 'ada',
      'x-mcp-issuer': whole.origin,
    })
    await postForm(`${whole.origin}/revoke`, { token: accessToken, client_id: clientId })
    expect((await callTool(there, accessToken)).status).toBe(401)
  })
})

/** A gateway that knows the server of the other one as a server of somebody else. */
async function startIntrospecting(whole: Whole): Promise<RunningGateway> {
  const { id, secret } = await whole.operator.clients.add({
    name: 'gateway',
    redirectUris: [],
    isPublic: false,
  })
  const listen = `127.0.0.1:${await freePort()}`
  const yaml = `
public_url: http://${listen}
listen: ${listen}
admin: { listen: 127.0.0.1:0 }
audit: { file: /dev/null }
issuers:
  theirs:
    issuer: ${whole.origin}
    allow_insecure_issuer: true
    validation: introspection
    introspection: { client_id: ${id}, client_secret: "${secret}" }
routes:
  - name: notes
    path: /notes/mcp
    upstream: ${whole.upstream.url}
    issuers: [theirs]
    audience: ["${whole.resource}"]
    scopes: [notes:read]
    policy: { rules: [{ name: all, tools: [safe], scopes: [notes:read], require_active: true }] }
`
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const gateway = await startGateway({ settings: loaded.settings, log: pino({ level: 'silent' }) })
  open.push(() => gateway.close(100))
  return gateway
}

describe('H20: a server on the second generation of the SDK keeps no code for authorization', () => {
  const RULES = `
        - { name: text, tools: [test_simple_text], scopes: [notes:read] }
        - { name: image, tools: [test_image_content], scopes: [notes:write] }`

  test('H20: the server that is used below has none', () => {
    const sources = globSync(['everything-2x.ts', 'everything/*.ts'], {
      cwd: join(import.meta.dirname, '../upstreams'),
    })
    expect(sources.length).toBeGreaterThan(5)
    for (const source of sources) {
      const text = readFileSync(join(import.meta.dirname, '../upstreams', source), 'utf8')
      expect([source, text.match(/bearer|oauth|authInfo|server-legacy|server\/auth/i)]).toEqual([
        source,
        null,
      ])
    }
  })

  test.each([
    ['1.x', openV1],
    ['2.x', openV2],
  ] as const)(
    'H20: client %s registers, signs in, calls, and is asked for one more scope',
    async (_, opener) => {
      const upstream = await startEverything()
      open.push(upstream.close)
      const whole = await startWhole({ upstreamUrl: upstream.url, rules: RULES })
      open.push(whole.close)
      const grantTypes = ['authorization_code', 'refresh_token']
      const login = new DemoLogin({ clientName: 'parity', grantTypes, browse: whole.person().browse })
      const session = await openDemoSession(opener, whole.resource, login, createWire())
      open.push(session.close)
      await session.signIn()
      expect(await session.toolNames()).toEqual(['test_simple_text'])
      expect(await session.call('test_simple_text', {})).toBe('This is a simple text response for testing.')
      await rejection(session.call('test_image_content', {}))
      await session.stepUp()
      expect((await session.toolNames()).sort()).toEqual(['test_image_content', 'test_simple_text'])
    },
  )
})
