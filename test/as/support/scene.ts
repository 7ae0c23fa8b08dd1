// The people side over sockets, on a bare oidc-provider: what the engine is for the pages, without its own rules. A
// client of the test takes the place of an MCP client. Nothing here checks tokens.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import Provider, { type ClientMetadata } from 'oidc-provider'
import { createPeople } from '../../../src/as/account/create-people.ts'
import type { AuthorizationEvent } from '../../../src/as/events.ts'
import type { Engine, People } from '../../../src/as/people.ts'
import { createPasswords } from '../../../src/as/sign-in/passwords.ts'
import { openStore } from '../../../src/as/store/store.ts'
import { createUsers, type Users } from '../../../src/as/store/users.ts'
import type { AuthorizationServerSettings } from '../../../src/core/settings-as.ts'

export const RESOURCE = 'https://mcp.example.com/notes/mcp'
export const PASSWORD = 'correct horse battery'

export interface Scene {
  readonly origin: string
  readonly engine: Engine
  readonly people: People
  readonly users: Users
  readonly events: AuthorizationEvent[]
  /** Grants that were revoked through the engine. */
  readonly revoked: string[]
  readonly clock: { now: number }
  /** Where a client sends the browser. */
  authorizeUrl(client?: string, more?: Readonly<Record<string, string>>): string
  /** What came to the client's redirect address. */
  readonly callbacks: URL[]
  readonly callbackUrl: string
  close(): Promise<void>
}

export interface SceneOptions {
  readonly clients?: readonly ClientMetadata[]
  readonly settings?: Partial<AuthorizationServerSettings>
  /** Makes settings that need the origin of a fake provider. */
  readonly secure?: boolean
}

export const SETTINGS: AuthorizationServerSettings = {
  data: ':memory:',
  cookieSecret: undefined,
  accessTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 86_400,
  refreshTokenGraceSeconds: 10,
  registration: {
    dynamic: true,
    clientIdMetadata: { enabled: false, allowPrivateHosts: [], ca: undefined },
    maxClients: 100,
    unusedTtlSeconds: 86_400,
  },
  signIn: { passwords: true, providers: new Map() },
  grants: undefined,
  scopes: new Map([
    ['notes:read', 'Read your notes'],
    ['notes:write', 'Create and change notes'],
  ]),
}

const SCOPES = ['openid', 'offline_access', 'notes:read', 'notes:write']

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const clock = { now: Date.now() }
  const store = openStore(':memory:', { secret: randomBytes(32), clock: { now: () => clock.now } })
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = await startClient()
  const events: AuthorizationEvent[] = []
  const revoked: string[] = []
  const settings = { ...SETTINGS, ...options.settings }
  const provider = createProvider(origin, client.url, options.clients ?? [], () => people)
  const engine: Engine = {
    issuer: origin,
    store,
    secure: options.secure ?? false,
    onEvent: (event) => events.push(event),
    provider: () => provider,
    accessRequest: ({ params }) => ({
      clientId: String(params['client_id']),
      redirectUri: params['redirect_uri'] as string | undefined,
      resource: RESOURCE,
      scopes: String(params['scope'] ?? '')
        .split(' ')
        .filter((scope) => SCOPES.includes(scope)),
    }),
    async createGrant({ accountId, clientId, scopes }) {
      const grant = new provider.Grant({ accountId, clientId })
      grant.addOIDCScope(scopes.join(' '))
      return await grant.save(3600)
    },
    revokeGrant: (grantId) => revoked.push(grantId) > 0,
  }
  const people = await createPeople(engine, settings)
  const users = createUsers(store)
  users.add('alice', (await createPasswords().hash(PASSWORD)) ?? '')

  const handle = provider.callback()
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '', origin).pathname
    if (!people.answers(path)) return await handle(request, response)
    const body = await buffer(request)
    await people.serve({ request, response, path, body, address: '203.0.113.7' })
  }
  return {
    origin,
    engine,
    people,
    users,
    events,
    revoked,
    clock,
    callbacks: client.callbacks,
    callbackUrl: client.url,
    authorizeUrl: (clientId = 'client-1', more = {}) => authorizeUrl(origin, clientId, client.url, more),
    async close() {
      await people.close()
      await client.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      store.close()
    },
  }
}

function authorizeUrl(
  origin: string,
  clientId: string,
  redirectUri: string,
  more: Readonly<Record<string, string>>,
): string {
  const url = new URL('/authorize', origin)
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid notes:read',
    state: 'state-of-client',
    code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }).toString()
  return url.href
}

function createProvider(
  origin: string,
  redirectUri: string,
  clients: readonly ClientMetadata[],
  people: () => People,
): Provider {
  const provider = new Provider(origin, {
    clients: [clientOf('client-1', 'Notes for Claude', redirectUri), ...clients],
    scopes: SCOPES,
    routes: { authorization: '/authorize' },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => people().interactionPath(uid) },
    findAccount: async (_context, subject) => {
      const account = await people().findAccount(subject)
      return account && { accountId: subject, claims: () => ({ sub: subject }) }
    },
  })
  provider.on('server_error', (_context, error) => {
    throw error
  })
  return provider
}

export function clientOf(id: string, name: string, redirectUri: string): ClientMetadata {
  return {
    client_id: id,
    client_name: name,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  }
}

/** The redirect address of an MCP client on this device. */
async function startClient() {
  const callbacks: URL[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    if (url.pathname === '/callback') callbacks.push(url)
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>Client</title><h1>Back at the client</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    callbacks,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
