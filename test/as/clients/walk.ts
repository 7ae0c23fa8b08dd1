// The way that every client goes, each step asserted: challenge, resource metadata, server metadata, registration,
// sign-in, token for this route, call, refresh, call. What a client does in its own way is in its own file.
import { expect } from 'vitest'
import type { DemoPerson } from '../../../src/cli/demo/person.ts'
import { type ClientHabits, refresh, type SignedIn, signIn } from './sign-in.ts'
import { type Answer, ask, callTool, type Whole } from './whole.ts'

export interface Discovered {
  readonly challenge: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly server: Readonly<Record<string, unknown>>
}

/** From the MCP URL alone, as the specification says (RFC 9728 §5.1, RFC 8414 §3). */
export async function discover(whole: Whole, first: RequestInit = {}): Promise<Discovered> {
  const refused = await ask(whole.resource, first)
  expect(refused.status).toBe(401)
  const challenge = refused.headers.get('www-authenticate') ?? ''
  const pointer = /resource_metadata="([^"]*)"/.exec(challenge)?.[1] ?? ''
  const resource = await ask(pointer)
  expect(resource.status).toBe(200)
  const [issuer] = resource.json['authorization_servers'] as string[]
  const server = await ask(`${issuer}/.well-known/oauth-authorization-server`)
  expect(server.json['issuer']).toBe(issuer)
  return { challenge, resource: resource.json, server: server.json }
}

/** @param scope what the token must hold */
export async function walk(
  whole: Whole,
  habits: ClientHabits,
  scope = 'notes:read',
  person?: DemoPerson,
): Promise<SignedIn> {
  const session = await signIn(whole, habits, person)
  if (session.registered !== undefined) expect(session.registered.status).toBe(201)
  expect(session.back.get('error')).toBeNull()
  expect(session.back.get('iss')).toBe(whole.origin) // RFC 9207 §2
  expect(session.back.get('state')).toBe(habits.state ?? null)
  expect(session.landed.href.startsWith(habits.redirectUri)).toBe(true)
  expectToken(whole, session.token, scope)
  expect((await callTool(whole, session.accessToken)).status).toBe(200)
  const renewed = await refresh(whole, session.clientId, session.refreshToken)
  expectToken(whole, renewed, scope)
  expect((await callTool(whole, String(renewed.json['access_token']))).status).toBe(200)
  return { ...session, refreshToken: String(renewed.json['refresh_token']) }
}

/** TOK-07: for this route alone, whatever the client said of `resource`. */
export function expectToken(whole: Whole, { status, json }: Answer, scope = 'notes:read'): void {
  expect(status, JSON.stringify(json)).toBe(200)
  const [, payload = ''] = String(json['access_token']).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  expect(claims).toMatchObject({ iss: whole.origin, aud: whole.resource, sub: 'ada' })
  expect(mcpScopes(claims['scope'])).toBe(scope)
}

/** Without the scopes that are about the person or the session. */
function mcpScopes(scope: unknown): string {
  const own = String(scope).split(' ')
  return own
    .filter((one) => one.includes(':'))
    .sort()
    .join(' ')
}
