// Servers elsewhere that the published mcp-auth protects (npm mcp-auth 0.2.0, PyPI mcpauth 0.1.1), with the embedded
// authorization server as their issuer: they find its keys by its metadata and take tokens that name them, no others.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { signIn } from '../as/clients/sign-in.ts'
import { ask, callTool, startWhole, type Whole } from '../as/clients/whole.ts'
import { freePort } from '../support/free-port.ts'
import { type Protected, protectWithNode, protectWithPython } from './harness/mcp-auth.ts'

const ELSEWHERE = 'https://other.example/mcp'
const SCOPE = 'x:read'
const PATIENCE_MS = 300_000

let whole: Whole
beforeAll(async () => {
  const resource = `{ resource: "${ELSEWHERE}", scopes: [x:read, x:write], baseline: [x:read] }`
  whole = await startWhole({ server: `  resources: [${resource}]` })
})
afterAll(() => whole.close())

async function tokenFor(resource: string, scope: string): Promise<{ token: string; clientId: string }> {
  const habits = { redirectUri: 'http://127.0.0.1/callback', resource, scope }
  const { accessToken, clientId } = await signIn(whole, habits)
  return { token: accessToken, clientId }
}

describe.each([
  ['npm mcp-auth 0.2.0', protectWithNode],
  ['PyPI mcpauth 0.1.1', protectWithPython],
] as const)('%s as a server elsewhere', (_, protect) => {
  let server: Protected | undefined
  let reason: string | undefined
  beforeAll(async () => {
    const started = await protect({ issuer: whole.origin, resource: ELSEWHERE, scope: SCOPE })
    if (typeof started === 'string') {
      reason = started
      console.warn(`skipped: ${reason}`)
    } else server = started
  }, PATIENCE_MS)
  afterAll(() => server?.close())

  const call = (token?: string) =>
    ask(server?.url ?? '', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

  test('takes a token that names it, and reads person, client and scopes', async (context) => {
    if (reason !== undefined) return context.skip(reason)
    const { token, clientId } = await tokenFor(ELSEWHERE, SCOPE)
    const { status, json } = await call(token)
    expect({ status, json }).toEqual({ status: 200, json: { sub: 'ada', client: clientId, scopes: [SCOPE] } })
  })

  test('refuses a token for the route of the gateway, one without its scope, and none', async (context) => {
    if (reason !== undefined) return context.skip(reason)
    const { token: ofTheRoute } = await tokenFor(whole.resource, 'notes:read')
    const { token: withoutScope } = await tokenFor(ELSEWHERE, 'x:write')
    const statuses = await Promise.all([call(ofTheRoute), call(withoutScope), call()])
    expect(statuses.map(({ status }) => status)).toEqual([401, 403, 401])
  })

  test('the gateway takes no token that names it', async (context) => {
    if (reason !== undefined) return context.skip(reason)
    const { token } = await tokenFor(ELSEWHERE, SCOPE)
    expect((await ask(whole.resource, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
  })
})

describe('npm mcp-auth 0.2.0 behind the gateway', () => {
  test('an upstream that checks the token of the caller itself gets it, and takes it', async () => {
    const port = await freePort()
    const behind = await startWhole({
      upstreamUrl: `http://127.0.0.1:${port}/mcp`,
      route: '    upstream_auth: { mode: forward_token }',
    })
    const { origin: issuer, resource } = behind
    const server = await protectWithNode({ issuer, resource, scope: 'notes:read', port })
    onTestFinished(async () => {
      server.close()
      await behind.close()
    })
    const habits = { redirectUri: 'http://127.0.0.1/callback', resource, scope: 'notes:read' }
    const { accessToken, clientId } = await signIn(behind, habits)
    const { status, json } = await callTool(behind, accessToken)
    const who = { sub: 'ada', client: clientId, scopes: ['notes:read'] }
    expect({ status, json }).toMatchObject({ status: 200, json: { result: { structuredContent: who } } })
    expect((await callTool(behind, `${accessToken}x`)).status).toBe(401)
  })
})
