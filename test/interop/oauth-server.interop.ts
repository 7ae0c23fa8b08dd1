// An authorization server of somebody else, as it is published, with the gateway in front of an MCP server: registration,
// consent, token, call, one more scope, refresh, revocation, with both generations of the official client.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openV1 } from '../../src/cli/demo-client-v1.ts'
import { openV2 } from '../../src/cli/demo-client-v2.ts'
import { DemoLogin } from '../../src/cli/demo-login.ts'
import { type DemoSession, openSession, rejection } from '../../src/cli/demo-session.ts'
import { createWire, type Wire } from '../../src/cli/demo-wire.ts'
import { parseConfig } from '../../src/config/load.ts'
import { renderProblem } from '../../src/config/problem.ts'
import { type RunningGateway, startGateway } from '../../src/gateway.ts'
import { createLog } from '../../src/observe/log.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import { freePort } from './harness/child.ts'
import { GATEWAY_CLIENT, type RunningOAuthServer, startOAuthServer } from './harness/oauth-server.ts'

const TOOL = 'test_simple_text'
const OTHER_TOOL = 'test_image_content'
const ANSWER = 'This is a simple text response for testing.'

let upstream: RunningServer
let issuer: RunningOAuthServer
let gateway: RunningGateway
let url: string

beforeAll(async () => {
  upstream = await startEverything()
  const listen = `127.0.0.1:${await freePort()}`
  url = `http://${listen}/mcp`
  issuer = await startOAuthServer(url, ['mcp:use', 'mcp:more'])
  const yaml = `
public_url: http://${listen}
listen: ${listen}
admin: { listen: 127.0.0.1:0 }
audit: { file: /dev/null }
issuers:
  theirs:
    issuer: ${issuer.issuer}
    allow_insecure_issuer: true
    validation: introspection
    introspection: { endpoint: "${issuer.introspection}", client_id: ${GATEWAY_CLIENT.id}, client_secret: ${GATEWAY_CLIENT.secret} }
routes:
  - name: everything
    path: /mcp
    upstream: ${upstream.url}
    issuers: [theirs]
    scopes: [mcp:use]
    policy:
      rules:
        - { name: use, tools: [${TOOL}], scopes: [mcp:use], require_active: true }
        - { name: more, tools: [${OTHER_TOOL}], scopes: [mcp:more] }
`
  const loaded = parseConfig(yaml, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  gateway = await startGateway({ settings: loaded.settings, log: createLog('error', process.stderr) })
})

afterAll(async () => {
  await gateway?.close(100)
  await issuer?.close()
  await upstream?.close()
})

describe.each([
  ['client 1.x', openV1],
  ['client 2.x', openV2],
] as const)('H1: mcp-oauth-server 1.0.0 with %s', (_, open) => {
  let wire: Wire
  let login: DemoLogin
  let session: DemoSession

  beforeAll(async () => {
    wire = createWire()
    const grantTypes = ['authorization_code', 'refresh_token']
    login = new DemoLogin({ clientName: 'interop', grantTypes, browse: issuer.browse })
    session = await openSession(open, url, login, wire)
  })
  afterAll(() => session?.close())

  const statuses = (path: string) =>
    wire
      .take()
      .filter((exchange) => exchange.path === path)
      .map(({ status }) => status)

  it('registers, the person agrees, and there is a token', async () => {
    await session.signIn()
    const seen = wire.take()
    expect(seen.find(({ path }) => path === '/register')?.status).toBe(201)
    expect(login.granted).toBe('mcp:use')
  })

  it('sees and calls what the scope opens', async () => {
    expect(await session.toolNames()).toEqual([TOOL])
    expect(await session.call(TOOL, {})).toBe(ANSWER)
  })

  it('CHL-11: agrees to one more scope', async () => {
    const { access_token, token_type, scope } = login.tokens() ?? { access_token: '', token_type: '' }
    login.saveTokens({ access_token, token_type, scope }) // SDK 1.x would refresh instead, and give up
    await rejection(session.call(OTHER_TOOL, {}))
    await session.stepUp()
    expect(login.granted.split(' ').sort()).toEqual(['mcp:more', 'mcp:use'])
    expect(await session.toolNames()).toEqual(expect.arrayContaining([TOOL, OTHER_TOOL]))
  })

  it('renews what ran out', async () => {
    login.spoilAccessToken()
    wire.take()
    expect(await session.call(TOOL, {})).toBe(ANSWER)
    expect(statuses('/token')).toEqual([200])
  })

  it('is refused at the next call once the token is revoked', async () => {
    const { access_token: token, refresh_token: refresh } = login.tokens() ?? {}
    const client = login.clientInformation()?.client_id ?? ''
    for (const revoked of [refresh, token]) {
      const body = new URLSearchParams({ token: revoked ?? '', client_id: client })
      expect((await fetch(new URL('/revoke', issuer.issuer), { method: 'POST', body })).status).toBe(200)
    }
    wire.take()
    await rejection(session.call(TOOL, {}))
    expect(statuses('/mcp')[0]).toBe(401)
  })
})
