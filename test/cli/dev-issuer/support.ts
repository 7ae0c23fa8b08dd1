// A dev issuer on a free loopback port, and the few requests that its tests are made of.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { loadOrCreateKey } from '../../../src/cli/dev-issuer/key.ts'
import { startDevIssuer } from '../../../src/cli/dev-issuer/listen.ts'
import { folderWith } from '../shared/recording-io.ts'

export const RESOURCE = 'http://127.0.0.1:8080/notes/mcp'
export const REDIRECT = 'http://127.0.0.1:5000/cb'
export const VERIFIER = 'v'.repeat(43)
export const STANDING = { authorization: `Basic ${Buffer.from('portcullis:dev-only').toString('base64')}` }

export type Form = Readonly<Record<string, string>>
export type Json = Record<string, unknown>

export async function newKey() {
  const loaded = await loadOrCreateKey(join(folderWith({}), 'k.jwk'))
  if (!loaded.ok) throw new Error(loaded.message)
  return loaded.key
}

export async function openIssuer() {
  const key = await newKey()
  const lines: string[] = []
  const options = { key, subject: 'dev-user', ttlSeconds: 600, log: (line: string) => void lines.push(line) }
  const started = await startDevIssuer({ host: '127.0.0.1', port: 0 }, options)
  if (!started.ok) throw new Error(started.message)
  const { issuer: origin, close } = started.running
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${origin}${path}`, { redirect: 'manual', ...init })
  const post = (path: string, form: Form | URLSearchParams, headers: Form = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(form as Record<string, string>).toString(),
    })
  const send = async (method: string, path: string, metadata: Json, headers: Form = {}) => {
    const body = JSON.stringify(metadata)
    const response = await ask(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return { status: response.status, body: (await response.json()) as Json }
  }
  return {
    origin,
    close,
    ask,
    post,
    send,
    lines,
    key,
    register: (metadata: Json = {}) =>
      send('POST', '/register', {
        redirect_uris: [REDIRECT],
        token_endpoint_auth_method: 'none',
        ...metadata,
      }),
    authorize: (query: Form | URLSearchParams) =>
      ask(`/authorize?${new URLSearchParams(query as Record<string, string>)}`),
  }
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>

export function loginQuery(clientId: string, changes: Form = {}): Form {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
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
