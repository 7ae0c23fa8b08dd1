// oidc-provider, as somebody would run it beside the gateway, with config/oidc-provider.yaml as it stands: registration,
// sign-in, calls, and a refresh, with both generations of the official client.
import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openV1 } from '../../src/cli/demo/client-v1.ts'
import { openV2 } from '../../src/cli/demo/client-v2.ts'
import { freePort } from '../support/free-port.ts'
import { type NotesServer, startNotes } from './harness/notes.ts'
import { type Client, openClient } from './harness/person-client.ts'
import { type PresetGateway, startPreset } from './harness/preset.ts'

const SCOPES = 'notes:read notes:write'

interface RunningProvider {
  readonly issuer: string
  close(): Promise<void>
}

let notes: NotesServer
let provider: RunningProvider
let gateway: PresetGateway

beforeAll(async () => {
  notes = await startNotes()
  const origin = `http://127.0.0.1:${await freePort()}`
  provider = await startProvider(`${origin}/notes/mcp`)
  gateway = await startPreset({
    preset: 'oidc-provider',
    origin,
    upstream: notes.url,
    replace: [
      ['issuer: https://login.example.com', `issuer: ${provider.issuer}\n    allow_insecure_issuer: true`],
    ],
    env: {},
  })
})
afterAll(async () => {
  await gateway?.close()
  await provider?.close()
  await notes?.close()
})

it('the gateway starts without a warning', () => {
  expect(gateway.log).toEqual([])
})

describe.each([
  ['client 1.x', openV1],
  ['client 2.x', openV2],
] as const)('oidc-provider 9.13.3 with %s', (_, open) => {
  let client: Client
  beforeAll(async () => {
    client = await openClient(gateway.resource, open)
  })
  afterAll(() => client?.session.close())

  it('registers, the person agrees, and there is a token for the route', async () => {
    await client.session.signIn()
    expect(client.wire.take().find(({ path }) => path === '/reg')?.status).toBe(201)
    expect(client.login.granted.split(' ')).toEqual(expect.arrayContaining(SCOPES.split(' ')))
    expect(client.login.claims()['aud']).toBe(gateway.resource)
  })

  it('lists and calls', async () => {
    expect(await client.session.toolNames()).toEqual(expect.arrayContaining(['list_notes', 'add_note']))
    expect(await client.session.call('add_note', {})).toBe('added')
  })

  it('refreshes', async () => {
    client.login.spoilAccessToken()
    expect(await client.session.call('list_notes', {})).toBe('no notes')
    const token = client.wire.take().filter(({ path }) => path === '/token')
    expect(token.map(({ status }) => status)).toEqual([200])
  })
})

async function startProvider(resource: string): Promise<RunningProvider> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const app = new Provider(issuer, {
    scopes: ['openid', 'offline_access', ...SCOPES.split(' ')],
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    features: {
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_context, asked) => {
          if (asked !== resource) throw new Error('not a resource of this server')
          return { scope: SCOPES, audience: resource, accessTokenFormat: 'jwt' }
        },
      },
    },
  })
  const server = createServer(app.callback())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    issuer,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
