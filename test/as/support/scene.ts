// The authorization server over a socket, with its people side. A client of the test takes the place of an MCP client.

import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import type { ClientMetadata } from 'oidc-provider'
import { createPeople } from '../../../src/as/account/create-people.ts'
import { createAuthorizationServer } from '../../../src/as/authorization-server.ts'
import { type BrowserSessions, createBrowserSessions } from '../../../src/as/browser/browser-sessions.ts'
import { createEmbeddedLogin } from '../../../src/as/browser/embedded-login.ts'
import type { BrowserRoute } from '../../../src/as/browser/login-pages.ts'
import type { AuthorizationServer, ProtectedRoute } from '../../../src/as/contract.ts'
import type { AuthorizationEvent } from '../../../src/as/events.ts'
import type { Engine } from '../../../src/as/people.ts'
import { createRefusedScopes } from '../../../src/as/refused-scopes.ts'
import { createPasswords } from '../../../src/as/sign-in/passwords.ts'
import type { Users } from '../../../src/as/store/users.ts'
import { storedBrowserState } from '../../../src/as/web/browser-state.ts'
import type { Branding } from '../../../src/core/branding.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { AuthorizationServerSettings } from '../../../src/core/settings-as.ts'
import { createTextMemory } from '../../../src/gateway/text-memory.ts'
import { USUAL_LIMITS } from './limits.ts'

export const RESOURCE = 'https://mcp.example.com/notes/mcp'
export const PASSWORD = 'correct horse battery'
/** Of everybody who does not say another one in `x-test-address`. */
const ADDRESS = '203.0.113.7'

export interface Scene {
  /** The issuer. */
  readonly origin: string
  /** Where it really listens: the same, unless the scene has a public URL of its own. */
  readonly listening: string
  readonly engine: Engine
  readonly server: AuthorizationServer
  readonly browser: BrowserSessions
  readonly users: Users
  readonly events: AuthorizationEvent[]
  readonly clock: { now: number }
  /** What broke, in a request or beside them; a test that means it takes it out before the end. */
  readonly faults: unknown[]
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
  readonly branding?: Partial<Branding>
  readonly browser?: readonly BrowserRoute[]
  /** Instead of the one for notes. */
  readonly routes?: readonly ProtectedRoute[]
  /** Instead of the address that it listens on; https makes cookies `__Host-`. */
  readonly publicUrl?: string
  /** A name of this machine instead of its address, since passkeys are made for names. */
  readonly host?: 'localhost'
}

export const SETTINGS: AuthorizationServerSettings = {
  data: ':memory:',
  poolSize: 10,
  cookieSecret: undefined,
  accessTokenTtlSeconds: 3600,
  codeTtlSeconds: 60,
  clientSecretTtlSeconds: undefined,
  resources: [],
  refreshTokenTtlSeconds: 86_400,
  refreshTokenGraceSeconds: 10,
  stepUp: 'ask',
  registration: {
    dynamic: true,
    redirectSchemes: [],
    clientIdMetadata: { enabled: false, allowPrivateHosts: [], ca: undefined },
    maxClients: 100,
    unusedTtlSeconds: 86_400,
  },
  signIn: { passwords: true, providers: new Map() },
  grants: undefined,
  limits: USUAL_LIMITS,
  scopes: new Map([
    ['notes:read', 'Read your notes'],
    ['notes:write', 'Create and change notes'],
  ]),
}

export function routeOf(resource: string, scopes: readonly string[]): ProtectedRoute {
  return { resource, audience: resource, baseline: scopes.slice(0, 1), scopes }
}

const SCOPES = ['notes:read', 'notes:write']

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const clock = { now: Date.now() }
  const faults: unknown[] = []
  const listening = createServer(async (request, response) => {
    try {
      await serve(request, response)
    } catch (error) {
      faults.push(error)
      if (!response.writableEnded) response.writeHead(500).end()
    }
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  const origin = options.publicUrl ?? `http://${options.host ?? '127.0.0.1'}:${port}`
  const branding = { host: new URL(origin).host, ...options.branding }
  const client = await startClient()
  const events: AuthorizationEvent[] = []
  const server = await createAuthorizationServer(
    { ...SETTINGS, cookieSecret: new Secret(randomBytes(32).toString('hex')), ...options.settings },
    {
      issuer: origin,
      branding,
      routes: options.routes ?? [routeOf(RESOURCE, SCOPES)],
      refusedScopes: createRefusedScopes((_use, forMs) =>
        createTextMemory(forMs, { size: 100, share: 25 }, () => clock.now),
      ),
      clock: { now: () => clock.now },
      onEvent: (event) => events.push(event),
      onFault: (error) => faults.push(error),
      people: createPeople,
    },
  )
  const { engine } = server
  const users = engine.store.users
  await users.add('alice', (await createPasswords().hash(PASSWORD)) ?? '')
  const clients = engine.store.clients
  for (const metadata of [clientOf('client-1', 'Notes for Claude', client.url), ...(options.clients ?? [])]) {
    await clients.save(metadata.client_id, 'operator', { ...metadata })
  }
  const routes = options.browser ?? []
  const own = await createEmbeddedLogin(server)
  const browser = createBrowserSessions({
    publicOrigin: origin,
    branding,
    routes,
    loginProviders: new Map(routes.map(({ name }) => [name, own])),
    browserState: storedBrowserState(server.engine.store),
    onEvent: server.engine.onEvent,
    prove: async (_route, token) => ({ ok: true, value: String(decodeJwt(token).sub) }),
  })

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '', origin).pathname
    const address = String(request.headers['x-test-address'] ?? ADDRESS)
    if (browser.answers(path)) return await browser.handle(request, response, address)
    if (server.answers(path)) return await server.handle(request, response, address)
    response.writeHead(404).end()
  }
  return {
    origin,
    listening: `http://127.0.0.1:${port}`,
    engine,
    server,
    browser,
    users,
    events,
    faults,
    clock,
    callbacks: client.callbacks,
    callbackUrl: client.url,
    authorizeUrl: (clientId = 'client-1', more = {}) => authorizeUrl(origin, clientId, client.url, more),
    async close() {
      listening.closeAllConnections()
      await new Promise((resolve) => listening.close(resolve))
      await browser.close()
      await server.close()
      await client.close()
      if (faults.length > 0) throw faults[0]
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
