// People and their programs: the whole way to tokens through the balancer, refreshes and revocations at any replica.
import { createHash, randomBytes } from 'node:crypto'
import { openOperator } from '../../src/as/operate/operator.ts'
import { createDemoPerson } from '../../src/cli/demo/person.ts'
import { Secret } from '../../src/core/secret.ts'
import { SCOPE, SECRETS } from './gateway-file.ts'
import type { Stage } from './stage.ts'
import { type Answered, type Cut, messageOf, send } from './wire.ts'

export const PASSWORD = 'a password of the benchmark'
const REDIRECT = 'https://desk.example.com/callback'

export interface Connected {
  readonly name: string
  readonly clientId: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** What `portcullis users add` does, without a process for each. */
export async function addPeople({ postgres }: Stage, names: readonly string[]): Promise<void> {
  const settings = { data: postgres.url(), cookieSecret: new Secret(SECRETS.COOKIE_SECRET) }
  const operator = await openOperator({ settings, clock: { now: () => Date.now() }, actor: 'bench' })
  for (const name of names) {
    const problem = await operator.users.add(name, PASSWORD)
    if (problem !== undefined) throw new Error(problem)
  }
  await operator.close()
}

/** A program that a person is about to connect: it has a code. */
export interface Code {
  readonly name: string
  readonly clientId: string
  readonly code: string
  readonly verifier: string
}

/** Throws where it ends early. */
export async function askForCode({ origin, port, url }: Stage, name: string): Promise<Code> {
  const registered = await send(`${origin}/register`, port, {
    body: {
      client_name: 'A desk',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  })
  if (registered.status !== 201) throw new Error(`/register: ${registered.status} ${registered.text}`)
  const clientId = String(messageOf(registered.text)['client_id'])
  const verifier = randomBytes(32).toString('base64url')
  const asked = new URL('/authorize', origin)
  asked.search = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, scope: SCOPE },
    ...{ resource: url('world'), code_challenge_method: 'S256' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  }).toString()
  const landed = await createDemoPerson({ name, password: PASSWORD, fetch }).browse(asked)
  const code = landed.searchParams.get('code')
  if (code === null) throw new Error(`no code, but ${landed.searchParams.get('error')}`)
  return { name, clientId, code, verifier }
}

/** The tokens of an answer; undefined where it has none. */
export function tokensOf(
  answer: Answered | Cut,
): Pick<Connected, 'accessToken' | 'refreshToken'> | undefined {
  const { access_token: accessToken, refresh_token: refreshToken } = messageOf(answer.text)
  if (answer.status !== 200 || typeof accessToken !== 'string' || typeof refreshToken !== 'string')
    return undefined
  return { accessToken, refreshToken }
}

export function redeem(stage: Stage, { clientId, code, verifier }: Code, port = stage.port) {
  const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier }
  return post(stage, 'token', { ...form, redirect_uri: REDIRECT, resource: stage.url('world') }, port)
}

export function refresh(stage: Stage, clientId: string, refreshToken: string, port = stage.port) {
  const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }
  return post(stage, 'token', form, port)
}

export function revoke(stage: Stage, clientId: string, token: string, port = stage.port) {
  return post(stage, 'revoke', { client_id: clientId, token }, port)
}

export async function connect(stage: Stage, name: string): Promise<Connected> {
  const code = await askForCode(stage, name)
  const answer = await redeem(stage, code)
  const tokens = tokensOf(answer)
  if (tokens === undefined) throw new Error(`/token: ${answer.status} ${answer.text}`)
  return { name, clientId: code.clientId, ...tokens }
}

function post({ origin }: Stage, path: string, form: Readonly<Record<string, string>>, port: number) {
  return send(`${origin}/${path}`, port, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
}
