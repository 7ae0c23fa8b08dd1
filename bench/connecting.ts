// What programs of people do at an authorization server: the whole way from a registration to tokens, as a program and
// a browser walk it together, and a refresh. Each has an address of its own, as the trusted proxy in front tells it.
import { createHash, randomBytes } from 'node:crypto'
import { createDemoPerson } from '../src/cli/demo/person.ts'
import type { Embedded } from './subjects/embedded.ts'

/** What somebody's program holds. */
export interface Connection {
  readonly clientId: string
  readonly address: string
  readonly refreshToken: string
}

/** Milliseconds, in the order of the ends. */
export interface Times {
  readonly tokens: number[]
  readonly signIns: number[]
}

const REDIRECT = 'https://desk.example.com/callback'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** An address of 10.0.0.0/8 for the `n`th program. */
export function addressOf(n: number): string {
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
}

/** Registration, authorization, sign-in with a password, consent, and the code for tokens. Throws where it ends early. */
export async function connect(
  server: Embedded,
  name: string,
  address: string,
  times: Times,
): Promise<Connection> {
  const begun = performance.now()
  const send = from(address)
  const clientId = await register(server, send)
  const verifier = randomBytes(32).toString('base64url')
  const url = new URL('/authorize', server.origin)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: 'notes:read notes:write',
    resource: server.resource,
    state: address,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const landed = await createDemoPerson({ name, password: server.password, fetch: send }).browse(url)
  const code = landed.searchParams.get('code')
  if (code === null) throw new Error(`no code, but ${landed.searchParams.get('error')}`)
  const refreshToken = await askForTokens(server, address, times, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
    resource: server.resource,
  })
  times.signIns.push(performance.now() - begun)
  return { clientId, address, refreshToken }
}

export async function refresh(server: Embedded, connection: Connection, times: Times): Promise<Connection> {
  const { clientId, address } = connection
  const refreshToken = await askForTokens(server, address, times, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: connection.refreshToken,
  })
  if (refreshToken === connection.refreshToken) throw new Error('the refresh token was not changed')
  return { clientId, address, refreshToken }
}

async function askForTokens(
  { origin }: Embedded,
  address: string,
  { tokens }: Times,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const begun = performance.now()
  const body = new URLSearchParams(form).toString()
  const answer = await from(address)(`${origin}/token`, { method: 'POST', headers: FORM, body })
  const text = await answer.text()
  tokens.push(performance.now() - begun)
  if (answer.status !== 200) throw new Error(`/token: ${answer.status} ${text}`)
  const { access_token: access, refresh_token: refresh, scope } = JSON.parse(text) as Record<string, unknown>
  const isWhole =
    typeof access === 'string' && typeof refresh === 'string' && scope === 'notes:read notes:write'
  if (!isWhole) throw new Error(`/token: an answer that lacks something: ${Object.keys(JSON.parse(text))}`)
  return refresh
}

async function register({ origin }: Embedded, send: typeof fetch): Promise<string> {
  const answer = await send(`${origin}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'A desk',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
  })
  const text = await answer.text()
  if (answer.status !== 201) throw new Error(`/register: ${answer.status} ${text}`)
  return (JSON.parse(text) as { readonly client_id: string }).client_id
}

function from(address: string): typeof fetch {
  return (url, init) =>
    fetch(url, { ...init, headers: { ...(init?.headers as object), 'x-forwarded-for': address } })
}
