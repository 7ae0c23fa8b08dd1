// An authorization server on a socket, with people who are already there: a scripted person signs in and agrees
// without a page. Everything else is real.

import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthorizationServer } from '../../../src/as/authorization-server.ts'
import type { AuthorizationServer, ProtectedRoute } from '../../../src/as/contract.ts'
import type { AuthorizationEvent } from '../../../src/as/events.ts'
import { createRefusedScopes } from '../../../src/as/refused-scopes.ts'
import type { OpenStore } from '../../../src/as/store/store.ts'
import type { AuthorizationServerSettings } from '../../../src/core/settings-as.ts'
import { createTextMemory } from '../../../src/gateway/text-memory.ts'
import { USUAL_LIMITS } from '../support/limits.ts'
import { type Script, scriptedPeople } from './scripted-people.ts'

export interface SceneOptions {
  readonly settings?: Partial<AuthorizationServerSettings>
  readonly registration?: Partial<AuthorizationServerSettings['registration']>
  readonly routes?: (origin: string) => readonly ProtectedRoute[]
  readonly script?: Partial<Script>
  readonly openStore?: OpenStore
  /** Keep the folder of another scene, to start again with its data. */
  readonly folder?: string
  /** The port of another scene, so that the issuer stays the same. */
  readonly port?: number
  /** Of another scene, for one more server of the same issuer. */
  readonly issuer?: string
}

export interface Scene {
  readonly origin: string
  readonly resource: string
  readonly server: AuthorizationServer
  readonly events: AuthorizationEvent[]
  /** What broke, in a request or beside them. */
  readonly faults: unknown[]
  readonly folder: string
  readonly data: string
  readonly script: Script
  stop(keepData?: boolean): Promise<void>
}

export async function createScene(options: SceneOptions = {}): Promise<Scene> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'portcullis-as-'))
  const data = join(folder, 'as.sqlite')
  const events: AuthorizationEvent[] = []
  const faults: unknown[] = []
  const script: Script = { subject: 'ada', answer: 'approve', ...options.script }
  let server: AuthorizationServer | undefined
  const listener = http.createServer(async (request, response) => {
    const address = String(request.headers['x-test-address'] ?? '127.0.0.1')
    try {
      await (server as AuthorizationServer).handle(request, response, address)
    } catch (error) {
      faults.push(error)
      if (!response.writableEnded) response.writeHead(500).end()
    }
  })
  await new Promise<void>((resolve) => listener.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = listener.address() as { port: number }
  const origin = `http://127.0.0.1:${port}`
  const issuer = options.issuer ?? origin
  const routes = options.routes?.(issuer) ?? [notesRoute(issuer)]
  server = await createAuthorizationServer(settingsOf(data, options), {
    issuer,
    branding: { host: new URL(issuer).host },
    routes,
    refusedScopes: createRefusedScopes((_use, forMs) =>
      createTextMemory(forMs, { size: 100, share: 25 }, () => Date.now()),
    ),
    clock: { now: () => Date.now() },
    onEvent: (event) => void events.push(event),
    onFault: (error) => void faults.push(error),
    people: scriptedPeople(script),
    ...(options.openStore === undefined ? {} : { openStore: options.openStore }),
  })
  return {
    origin,
    resource: routes[0]?.resource ?? '',
    server,
    events,
    faults,
    folder,
    data,
    script,
    async stop(keepData = false) {
      listener.closeAllConnections()
      await new Promise((resolve) => listener.close(resolve))
      await server?.close()
      if (!keepData) rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function notesRoute(origin: string, path = '/notes/mcp'): ProtectedRoute {
  const resource = origin + path
  return {
    resource,
    audience: resource,
    baseline: ['notes:read'],
    scopes: ['notes:read', 'notes:write', 'notes:admin'],
  }
}

function settingsOf(data: string, options: SceneOptions): AuthorizationServerSettings {
  return {
    data,
    poolSize: 10,
    cookieSecret: undefined,
    accessTokenTtlSeconds: 3_600,
    codeTtlSeconds: 60,
    clientSecretTtlSeconds: undefined,
    resources: [],
    refreshTokenTtlSeconds: 14 * 86_400,
    refreshTokenGraceSeconds: 10,
    stepUp: 'ask',
    signIn: { passwords: true, providers: new Map() },
    grants: undefined,
    limits: USUAL_LIMITS,
    scopes: new Map(),
    ...options.settings,
    registration: {
      dynamic: true,
      redirectSchemes: [],
      clientIdMetadata: { enabled: true, allowPrivateHosts: [], ca: undefined },
      maxClients: 1_000,
      unusedTtlSeconds: 30 * 86_400,
      ...options.registration,
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Record<string, unknown>
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} }
}

export function postForm(
  url: string,
  form: Readonly<Record<string, string>> | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return ask(url, {
    method: 'POST',
    headers: { ...type, ...headers },
    body: new URLSearchParams(form).toString(),
  })
}

export function postJson(url: string, body: unknown, method = 'POST', headers = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return ask(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: text })
}

export const REDIRECT = 'http://127.0.0.1:33418/callback'

export async function register(
  scene: Scene,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return postJson(`${scene.origin}/register`, {
    redirect_uris: [REDIRECT],
    client_name: 'A program',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...metadata,
  })
}

export interface Pkce {
  readonly verifier: string
  readonly challenge: string
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** Walks from /authorize to the redirect back to the client, as a browser with cookies would. */
export async function authorize(
  scene: Scene,
  params: Readonly<Record<string, string>>,
): Promise<{ readonly answer: Answer; readonly params: URLSearchParams }> {
  const cookies = new Map<string, string>()
  let url = `${scene.origin}/authorize?${new URLSearchParams(params)}`
  for (let hops = 0; hops < 12; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(url, { headers: cookie === '' ? {} : { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const location = answer.headers.get('location')
    if (location === null) return { answer, params: new URLSearchParams() }
    const next = new URL(location, url)
    if (next.origin !== scene.origin) {
      return {
        answer,
        params: next.hash === '' ? next.searchParams : new URLSearchParams(next.hash.slice(1)),
      }
    }
    url = next.href
  }
  throw new Error('the authorization goes round in circles')
}

export interface Session {
  readonly clientId: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly scope: string
  readonly answer: Answer
}

export async function signIn(
  scene: Scene,
  options: { readonly clientId?: string; readonly scope?: string; readonly resource?: string } = {},
): Promise<Session> {
  const clientId = options.clientId ?? String((await register(scene)).json['client_id'])
  const { verifier, challenge } = pkce()
  const back = await authorize(scene, {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 's',
    ...(options.scope === undefined ? {} : { scope: options.scope }),
    ...(options.resource === undefined ? {} : { resource: options.resource }),
  })
  const code = back.params.get('code')
  if (code === null) throw new Error(`no code: ${back.params} ${back.answer.text}`)
  const answer = await redeem(scene, { clientId, code, verifier })
  const { access_token: accessToken, refresh_token: refreshToken, scope } = answer.json
  return {
    clientId,
    accessToken: String(accessToken),
    refreshToken: String(refreshToken),
    scope: String(scope),
    answer,
  }
}

export function redeem(
  scene: Scene,
  {
    clientId,
    code,
    verifier,
    ...more
  }: { clientId: string; code: string; verifier: string; [key: string]: string },
): Promise<Answer> {
  return postForm(`${scene.origin}/token`, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
    ...more,
  })
}

export function refresh(
  scene: Scene,
  clientId: string,
  refreshToken: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return postForm(`${scene.origin}/token`, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: refreshToken,
    ...more,
  })
}
