// A route whose rules for tools are kept elsewhere, over sockets: what is allowed, listed, refused, and what clients hear
// while the policy cannot be read (C5, T-24).
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { RESOURCE_SERVER, SECRET, startAuthSec, type TestAuthSec } from '../support/authsec.ts'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'
import { expectRefusal, rpcError } from '../support/refusal.ts'
import { sendJson } from '../support/upstream.ts'

let gateway: TestGateway
afterEach(() => gateway.close())

const TOOLS = [
  { name: 'safe', is_public: false, required_scopes: ['a'] },
  { name: 'danger', is_public: false, required_scopes: ['admin'] },
  { name: 'open', is_public: true, required_scopes: [] },
  { name: 'unmapped', is_public: false, required_scopes: [] },
]
/** Everything that AuthSec sends, also the older map, in which an empty list has no meaning. */
const DOCUMENT = {
  ...{ state: 'ready', policy_complete: true, reason: '', rs_id: RESOURCE_SERVER, generation: 3 },
  ...{ scopes_supported: ['a', 'admin'], tool_policy: TOOLS, ttl_seconds: 300 },
  tools: Object.fromEntries(TOOLS.map(({ name, required_scopes: scopes }) => [name, scopes])),
}

async function start(prepare?: (authsec: TestAuthSec) => void): Promise<TestAuthSec> {
  const authsec = await startAuthSec(DOCUMENT)
  onTestFinished(() => authsec.close())
  prepare?.(authsec)
  gateway = await startTestGateway({
    auditRequired: true,
    env: { SECRET },
    policy: `
      source: authsec
      authsec: { url: "${authsec.url}", resource_server: ${RESOURCE_SERVER}, secret: "\${SECRET}", legacy_empty: public }
      rules:
        - { name: no, effect: deny, tools: [forbidden] }`,
  })
  return authsec
}

const down = (authsec: TestAuthSec) => {
  authsec.respond = (response) => response.writeHead(500).end()
}

describe('C5: a policy from elsewhere', () => {
  test('Y60: scoped, public, left out and unknown, with `legacy_empty: public`', async () => {
    await start()
    const status = async (tool: string) => (await gateway.post(toolCall(tool))).status
    expect(await status('safe')).toBe(200)
    expect(await status('open')).toBe(200)
    expect(await status('unmapped')).toBe(403)
    expect(await status('elsewhere')).toBe(403)
    const challenged = await gateway.post(toolCall('danger'))
    expect(challenged.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="a admin"',
    )
    expect(new Set(gateway.audit().map(({ rule }) => rule))).toEqual(new Set(['authsec#3', 'default']))
  })

  test('C7: the list shows what may be called', async () => {
    await start()
    const tools = [...TOOLS, { name: 'elsewhere' }].map(({ name }) => ({ name, inputSchema: {} }))
    gateway.upstream.respond = (_request, response) =>
      sendJson(response, 200, { jsonrpc: '2.0', id: 1, result: { tools } })
    const response = await gateway.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
    const { result } = (await response.json()) as { result: { tools: { name: string }[] } }
    expect(result.tools.map(({ name }) => name)).toEqual(['safe', 'open'])
  })

  test('C5 a reload while AuthSec is down goes on with the last policy', async () => {
    down(await start())
    await gateway.reload()
    expect((await gateway.post(toolCall('safe'))).status).toBe(200)
    expect((await gateway.post(toolCall('unmapped'))).status).toBe(403)
  })

  test('the metadata names the scopes that AuthSec names, as its SDK does, and the baseline', async () => {
    await start()
    const response = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
    expect(await response.json()).toMatchObject({ scopes_supported: ['a', 'admin'] })
  })

  test('policy_unavailable: 503 for every message, never a 401; not ready; the start says why', async () => {
    const authsec = await start(down)
    const body = rpcError(-32603, 'The policy cannot be read right now')
    const send = (to: TestGateway) => to.post(toolCall('safe'))
    await expectRefusal(gateway, 'policy_unavailable', {
      send,
      status: 503,
      headers: { 'retry-after': '10' },
      body,
    })
    const ready = await fetch(`${gateway.running.adminOrigin}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('a policy')
    expect(gateway.log.join('')).toContain('the policy was answered with 500')
    expect(authsec.requests.length).toBe(1)
  })
})
