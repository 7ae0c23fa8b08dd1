// A dev issuer in memory with a clock in hand, and the few requests that its tests are made of.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createDevIssuer } from '../../../src/cli/dev-issuer/issuer.ts'
import { loadOrCreateKey } from '../../../src/cli/dev-issuer/key.ts'
import { folderWith } from '../shared/recording-io.ts'

export const ISSUER = 'http://127.0.0.1:9000'
export const RESOURCE = 'http://127.0.0.1:8080/notes/mcp'
export const REDIRECT = 'http://127.0.0.1:5000/cb'
export const VERIFIER = 'v'.repeat(43)
export const STANDING = { authorization: `Basic ${Buffer.from('portcullis:dev-only').toString('base64')}` }

export type Form = Readonly<Record<string, string>>
export type Json = Record<string, unknown>

export async function openIssuer() {
  const loaded = await loadOrCreateKey(join(folderWith({}), 'k.jwk'))
  if (!loaded.ok) throw new Error(loaded.message)
  let now = Date.parse('2026-11-21T00:00:00Z')
  const lines: string[] = []
  const app = createDevIssuer({
    issuer: ISSUER,
    key: loaded.key,
    subject: 'dev-user',
    ttlSeconds: 600,
    now: () => now,
    log: (line) => lines.push(line),
  })
  const ask = (path: string, init: RequestInit = {}) =>
    app.request(`${ISSUER}${path}`, { ...init, headers: { host: '127.0.0.1:9000', ...init.headers } })
  const post = (path: string, form: Form | URLSearchParams, headers: Form = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form as Record<string, string>).toString(),
    })
  return {
    ask,
    post,
    lines,
    advance: (seconds: number) => {
      now += seconds * 1000
    },
    now: () => now,
    key: loaded.key,
    async register(metadata: Json = {}) {
      const body = { redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none', ...metadata }
      const response = await ask('/register', { method: 'POST', body: JSON.stringify(body) })
      return { status: response.status, body: (await response.json()) as Json }
    },
    authorize: (query: Form | URLSearchParams) =>
      ask(`/authorize?${new URLSearchParams(query as Record<string, string>)}`),
  }
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

export function loginQuery(clientId: string, changes: Form = {}): Form {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: 'S256',
    scope: 'mcp:use',
    state: 's',
    resource: RESOURCE,
    ...changes,
  }
}

/** A registered client and a fresh code for it. */
export async function login(
  issuer: Issuer,
  grants: readonly string[] = ['authorization_code', 'refresh_token'],
) {
  const { body } = await issuer.register({ grant_types: grants })
  const clientId = String(body['client_id'])
  const response = await issuer.authorize(loginQuery(clientId))
  const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
  return { clientId, code, form: codeForm(clientId, code) }
}

export function codeForm(clientId: string, code: string): Form {
  return {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
  }
}
