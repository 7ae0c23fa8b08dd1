// Everything that is secret at an authorization server, in motion: each way to a token, and each way to fail. Notes
// every secret as it goes by, so that a test can look for it where it must not be.
import { createHash, randomBytes } from 'node:crypto'
import { createAgent } from './support/agent.ts'
import type { FakeProvider } from './support/provider.ts'

export interface Story {
  /** Every secret that was sent or received, by what it is. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>
  /** What answers of status 400 and above said, headers and body. */
  readonly refusals: readonly string[]
  readonly statuses: readonly number[]
  /** Id of the client that people gave something. */
  readonly client: string
}

interface Parts {
  readonly origin: string
  readonly provider: FakeProvider
  readonly password: string
  note(what: string, value: unknown): string
  /** Sends, notes what is secret in the answer, and what was said of a refusal. */
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly json: Said }>
  form(path: string, fields: Said, headers?: Said): Promise<{ readonly status: number; readonly json: Said }>
}

type Said = Readonly<Record<string, string>>

const SECRET_MEMBERS = [
  ...['access_token', 'refresh_token', 'id_token', 'client_secret', 'registration_access_token'],
  ...['device_code', 'user_code'],
]
export const REDIRECT = 'https://client.example.com/callback'

export interface Cast {
  readonly origin: string
  readonly provider: FakeProvider
  /** Of ada. */
  readonly password: string
  /** A program with a secret. */
  readonly robot: { readonly id: string; readonly secret: string }
}

export async function tellStory({ origin, provider, password, robot }: Cast): Promise<Story> {
  const secrets = new Map<string, Set<string>>()
  const refusals: string[] = []
  const statuses: number[] = []
  const note = (what: string, value: unknown) => {
    const text = String(value)
    if (text.length < 8) throw new Error(`no ${what}: ${text}`)
    secrets.set(what, (secrets.get(what) ?? new Set()).add(text))
    return text
  }
  const ask: Parts['ask'] = async (path, init = {}) => {
    const answer = await fetch(origin + path, { redirect: 'manual', ...init })
    const text = await answer.text()
    statuses.push(answer.status)
    if (answer.status >= 400) refusals.push(`${JSON.stringify([...answer.headers])} ${text}`)
    const isJson = answer.headers.get('content-type')?.includes('json') === true
    const json = isJson ? (JSON.parse(text) as Said) : {}
    for (const member of SECRET_MEMBERS) if (typeof json[member] === 'string') note(member, json[member])
    return { status: answer.status, json }
  }
  const form: Parts['form'] = (path, fields, headers = {}) =>
    ask(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const parts: Parts = { origin, provider, password, note, ask, form }
  note('password', password)
  note('robot secret', robot.secret)
  const client = await registerClients(parts)
  await signInWithPassword(parts, client, refusals)
  await signInAtProvider(parts, client, refusals)
  await useDevice(parts)
  await useBrowserSession(parts, refusals)
  await failInEveryWay(parts, client, robot)
  for (const token of [...provider.tokens, ...provider.idTokens]) note('token of the provider', token)
  return { secrets, refusals, statuses, client }
}

async function registerClients({ ask, note }: Parts): Promise<string> {
  const register = (metadata: object) =>
    ask('/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token'],
        ...metadata,
      }),
    })
  await register({ token_endpoint_auth_method: 'client_secret_basic' })
  await register({ client_secret: note('chosen secret', 'canary-chosen-secret'), redirect_uris: [] })
  await register({ software_statement: note('statement', 'canary.software.statement') })
  const { json } = await register({ token_endpoint_auth_method: 'none' })
  const bearer = { authorization: `Bearer ${note('wrong registration token', 'canary-registration-token')}` }
  await ask(`/register/${json['client_id']}`, { headers: bearer })
  return json['client_id'] ?? ''
}

interface Asked {
  readonly url: string
  readonly verifier: string
}

function authorization({ origin, note }: Parts, client: string): Asked {
  const verifier = note('verifier', randomBytes(32).toString('base64url'))
  const asked = {
    client_id: client,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid notes:read',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  return { url: `${origin}/authorize?${new URLSearchParams(asked)}`, verifier }
}

async function signInWithPassword(parts: Parts, client: string, refusals: string[]): Promise<void> {
  const { note, password, form } = parts
  const { url, verifier } = authorization(parts, client)
  const agent = createAgent()
  const page = await agent.follow(await agent.get(url))
  const typed = [
    { name: 'ada', password: note('wrong password', 'canary-wrong-password') },
    { name: note('password typed as name', 'canary-password-as-name'), password: 'canary-wrong-password' },
    { name: 'ada', password, csrf: note('csrf', 'canary-csrf-token') },
  ]
  for (const fields of typed) {
    const refused = await agent.press(page, 'with', 'password', fields)
    // Who typed it may see it again.
    refusals.push(refused.body.replaceAll('value="canary-password-as-name"', ''))
  }
  const consent = await agent.follow(await agent.press(page, 'with', 'password', { name: 'ada', password }))
  const back = await agent.follow(await agent.press(consent, 'answer', 'allow'))
  const code = note('code', new URL(back.location ?? back.url).searchParams.get('code'))
  const shown = { grant_type: 'authorization_code', client_id: client, code, redirect_uri: REDIRECT }
  await form('/token', {
    ...shown,
    code_verifier: note('wrong verifier', `canary-verifier-${'x'.repeat(40)}`),
  })
  const { json } = await form('/token', { ...shown, code_verifier: verifier })
  const refresh = {
    grant_type: 'refresh_token',
    client_id: client,
    refresh_token: json['refresh_token'] ?? '',
  }
  await form('/token', refresh)
  await form('/token', refresh) // without a grace: theft
  await form('/token', { ...shown, code_verifier: verifier }) // and a replay
  await form('/introspect', { token: json['access_token'] ?? '', client_id: client })
  await form('/revoke', { token: json['access_token'] ?? '', client_id: client })
  for (const [name, value] of agent.cookies) if (!name.endsWith('.sig')) note(`cookie ${name}`, value)
}

async function signInAtProvider(parts: Parts, client: string, refusals: string[]): Promise<void> {
  const { provider, note } = parts
  const fault = (said: string) => ({
    status: 400,
    body: JSON.stringify({ error: 'invalid_grant', error_description: said }),
  })
  const spoils: (() => void)[] = [
    () => undefined,
    () => {
      provider.token = fault(note('said by the provider', 'canary-said-by-token-endpoint'))
    },
    () => {
      provider.userinfo = { sub: 'x', access_token: note('said in userinfo', 'canary-said-in-userinfo') }
    },
    () => {
      provider.redirect = (callback) => {
        callback.searchParams.set('error', 'access_denied')
        callback.searchParams.set(
          'error_description',
          note('said at the callback', 'canary-said-at-callback'),
        )
        return callback
      }
    },
  ]
  const right = { token: provider.token, userinfo: provider.userinfo, redirect: provider.redirect }
  for (const spoil of spoils) {
    Object.assign(provider, right)
    spoil()
    const agent = createAgent()
    const page = await agent.follow(await agent.get(authorization(parts, client).url))
    const leave = await agent.get(
      (await agent.press(page, 'provider', 'fake', { with: 'provider' })).location ?? '',
    )
    const out = /content="0; url=([^"]*)"/.exec(leave.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    for (const name of ['state', 'nonce'])
      note(`${name} for the provider`, new URL(out).searchParams.get(name))
    const callback = (await fetch(out, { redirect: 'manual' })).headers.get('location') ?? ''
    const code = new URL(callback).searchParams.get('code')
    note('code of the provider', code)
    const answer = await agent.get(callback)
    if (answer.status >= 400) refusals.push(answer.body)
    refusals.push((await agent.get(callback)).body)
    for (const [name, value] of agent.cookies) if (!name.endsWith('.sig')) note(`cookie ${name}`, value)
  }
  Object.assign(provider, right)
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

async function useDevice({ ask, form, note }: Parts): Promise<void> {
  const { json: client } = await ask('/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_types: [DEVICE_GRANT], token_endpoint_auth_method: 'none' }),
  })
  const about = { client_id: client['client_id'] ?? '' }
  const { json } = await form('/device_authorization', about)
  const poll = { ...about, grant_type: DEVICE_GRANT }
  await form('/token', { ...poll, device_code: json['device_code'] ?? '' })
  await form('/token', { ...poll, device_code: note('wrong device code', 'canary-device-code') })
  await form('/device', { user_code: json['user_code'] ?? '', xsrf: note('xsrf', 'canary-xsrf-token') })
  await ask(`/device?user_code=${json['user_code']}`)
}

async function useBrowserSession({ origin, note, password }: Parts, refusals: string[]): Promise<void> {
  const agent = createAgent()
  const page = await agent.follow(await agent.get(`${origin}/auth/login`))
  const consent = await agent.follow(await agent.press(page, 'with', 'password', { name: 'ada', password }))
  await agent.follow(await agent.press(consent, 'answer', 'allow'))
  for (const [name, value] of agent.cookies) if (!name.endsWith('.sig')) note(`cookie ${name}`, value)
  const made = new URLSearchParams({
    code: note('made-up code', 'canary-made-up-code'),
    state: 'canary-state-x',
  })
  refusals.push((await agent.get(`${origin}/auth/callback?${made}`)).body)
  refusals.push(
    (await agent.get(`${origin}/auth/login?return_to=//${note('way back', 'canary-return-to')}`)).body,
  )
}

async function failInEveryWay(
  { ask, form, note }: Parts,
  client: string,
  robot: Cast['robot'],
): Promise<void> {
  const basic = (secret: string) => ({ authorization: `Basic ${btoa(`${robot.id}:${secret}`)}` })
  const wrong = note('wrong client secret', 'canary-client-secret')
  note('wrong client secret, encoded', btoa(`${robot.id}:${wrong}`))
  await form('/token', { grant_type: 'client_credentials' }, basic(wrong))
  await form('/token', { grant_type: 'client_credentials', client_id: robot.id, client_secret: wrong })
  const { json } = await form('/token', { grant_type: 'client_credentials' }, basic(robot.secret))
  const assertion = note(
    'assertion',
    `${btoa('{"alg":"ES256"}')}.${btoa('{"iss":"canary-assertion"}')}.canarysignature`,
  )
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  await form('/token', {
    grant_type: 'client_credentials',
    client_assertion_type: type,
    client_assertion: assertion,
  })
  const proof = { dpop: note('proof', `canary-proof.${assertion}`) }
  await form(
    '/token',
    { grant_type: 'refresh_token', client_id: client, refresh_token: 'canary-refresh-token' },
    proof,
  )
  note('wrong refresh token', 'canary-refresh-token')
  for (const path of ['/introspect', '/revoke']) {
    await form(path, { token: note('opaque token', 'canary-opaque-token') }, basic(robot.secret))
    await form(path, { token: `${json['access_token']}x`, client_secret: wrong, client_id: robot.id })
  }
  const query = note('token in a query', 'canary-query-token')
  await ask(`/authorize?client_id=nobody&access_token=${query}&code=${query}&id_token_hint=${query}`)
  await ask(`/authorize?client_id=${client}&redirect_uri=https://x.example/&code_challenge=${query}`)
  await ask(`/token?access_token=${query}`, { method: 'POST', body: '{"password":"canary-json-password"}' })
  note('password in JSON', 'canary-json-password')
  await form('/token', {
    grant_type: 'password',
    client_id: client,
    password: 'canary-json-password',
    username: 'ada',
  })
  await ask(`/end_session?id_token_hint=${query}`)
  await ask('/notes/mcp', {
    method: 'POST',
    headers: { authorization: `Bearer ${note('bearer', 'canary-bearer-token')}` },
  })
  await ask('/notes/mcp', {
    method: 'POST',
    headers: { authorization: `Bearer ${json['access_token']}` },
    body: '{',
  })
}
