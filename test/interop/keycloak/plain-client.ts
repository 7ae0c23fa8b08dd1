// An OAuth client without an SDK, for what the SDKs do not do: tokens bound to a key, and a metadata document over plain
// http on loopback.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createAgent } from '../../as/support/agent.ts'
import { proofFor } from '../../support/dpop.ts'
import { toolCall } from '../../support/gateway.ts'
import { signInAt } from '../harness/person.ts'

export const CALLBACK = 'http://127.0.0.1/callback'

export interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  readonly token_type: string
  readonly scope: string
  readonly error?: string
}

export interface PlainClient {
  readonly id: string
  /** A person signs in and agrees; the code is exchanged. */
  obtain(scope: string, person?: string): Promise<Tokens>
  refresh(token: string): Promise<Tokens>
}

/** RFC 7591; the id of a public client. */
export async function register(issuer: string, scope: string): Promise<string> {
  const answer = await fetch(`${issuer}/clients-registrations/openid-connect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'interop',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      scope,
    }),
  })
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { readonly client_id: string }).client_id
}

/** @param bound whether its tokens are bound to the key of test/support/dpop.ts */
export function createPlainClient(issuer: string, id: string, bound = false): PlainClient {
  const endpoint = `${issuer}/protocol/openid-connect`
  const ask = async (form: Readonly<Record<string, string>>): Promise<Tokens> => {
    const at = `${endpoint}/token`
    const proof = { dpop: proofFor(at, '', { claims: { ath: undefined } }) }
    const body = new URLSearchParams({ client_id: id, ...form })
    const answer = await fetch(at, { method: 'POST', headers: bound ? proof : {}, body })
    return (await answer.json()) as Tokens
  }
  return {
    id,
    async obtain(scope, person = 'ada') {
      const verifier = randomBytes(32).toString('base64url')
      const asked = new URL(`${endpoint}/auth`)
      asked.search = new URLSearchParams({
        response_type: 'code',
        client_id: id,
        redirect_uri: CALLBACK,
        scope,
        state: randomUUID(),
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }).toString()
      const back = await signInAt(createAgent(), asked.href, person, CALLBACK)
      const code = back.searchParams.get('code')
      if (code === null) throw new Error(`no code: ${back.search}`)
      return ask({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier })
    },
    refresh: (token) => ask({ grant_type: 'refresh_token', refresh_token: token }),
  }
}

/** The answer to one call of `list_notes`. */
export function callWith(resource: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(resource, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    },
    body: JSON.stringify(toolCall('list_notes')),
  })
}

export async function statusWith(resource: string, token: string): Promise<number> {
  const answer = await callWith(resource, { authorization: `Bearer ${token}` })
  await answer.body?.cancel()
  return answer.status
}
