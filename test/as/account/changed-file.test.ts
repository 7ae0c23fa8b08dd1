// `grants:` and `sign_in:` count again at each call and at each refresh: a file that changed, or a person who changed,
// acts at the next one, through a whole gateway that reloads. Never more than was granted, and nothing is used up by a
// refusal.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { authorize, type ClientHabits, refresh, register, signIn } from '../clients/sign-in.ts'
import { callTool, PASSWORD, pkce, postForm, startWhole, type Whole } from '../clients/whole.ts'
import { type Agent, type Answer, createAgent } from '../support/agent.ts'
import { type FakeProvider, startProvider } from '../support/provider.ts'

const REDIRECT = 'https://desk.example.com/callback'
const WIDE = 'notes:read notes:write'
const HABITS: ClientHabits = { redirectUri: REDIRECT, scope: WIDE, state: 's' }

let whole: Whole
let provider: FakeProvider
/** Somebody else, whose people have the same subjects. */
let other: FakeProvider
beforeAll(async () => {
  provider = await startProvider()
  other = await startProvider()
  whole = await startWhole({ server: server() })
})
afterEach(() => whole.reload(server()))
afterAll(async () => {
  await whole.close()
  await provider.close()
  await other.close()
})

interface File {
  readonly passwords?: boolean
  /** `allow` of the provider; undefined: there is no such provider. */
  readonly allow?: string | undefined
  /** The name of the provider is given to another one. */
  readonly isOther?: boolean
  readonly grants?: string
}

function server(file: File = {}): string {
  const { passwords = true, grants, isOther = false } = file
  const { url } = isOther ? other : provider
  const allow = 'allow' in file ? file.allow : '{ domains: [example.com] }'
  const fake = `{ issuer: "${url}", allow_insecure_issuer: true, client_id: portcullis-at-fake, allow: ${allow} }`
  return `  sign_in: { passwords: ${passwords}, providers: { ${allow === undefined ? '' : `fake: ${fake}`} } }
${grants === undefined ? '' : `  grants: ${grants}`}`
}

interface Held {
  readonly clientId: string
  readonly refreshToken: string
}

/** Ada, who has a password here. */
async function local(): Promise<Held> {
  const { clientId, refreshToken = '' } = await signIn(whole, { ...HABITS, resource: whole.resource })
  return { clientId, refreshToken }
}

/** `fake:sub-1`, whom the provider vouches for, with these claims. */
async function outside(claims: Readonly<Record<string, unknown>> = {}): Promise<Held> {
  provider.idToken = { email: 'ada@example.com', email_verified: true, groups: ['writers'], ...claims }
  const clientId = String((await register(whole, HABITS)).json['client_id'])
  const { verifier, challenge } = pkce()
  const url = new URL('/authorize', whole.origin)
  url.search = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, scope: WIDE },
    ...{ resource: whole.resource, code_challenge: challenge, code_challenge_method: 'S256' },
  }).toString()
  const agent = createAgent()
  const consent = await throughProvider(agent, url.href)
  const back = await agent.follow(await agent.press(consent, 'answer', 'allow'))
  const { json } = await postForm(`${whole.origin}/token`, {
    ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: REDIRECT },
    ...{ code: new URL(back.location ?? '').searchParams.get('code') ?? '', code_verifier: verifier },
  })
  return { clientId, refreshToken: String(json['refresh_token']) }
}

/** To the consent page, or where it was refused. */
async function throughProvider(agent: Agent, url: string): Promise<Answer> {
  const page = await agent.follow(await agent.get(url))
  return await agent.follow(await agent.press(page, 'provider', 'fake', { with: 'provider' }))
}

/** The scopes of the next refresh, or its error; and what is held after it. */
async function next({ clientId, refreshToken }: Held): Promise<{ got: unknown; held: Held; token: string }> {
  const { json } = await refresh(whole, clientId, refreshToken)
  const held = { clientId, refreshToken: String(json['refresh_token'] ?? refreshToken) }
  return { got: json['error'] ?? json['scope'], held, token: String(json['access_token']) }
}

const READ_ALL = '[{ who: { subjects: ["*"] }, scopes: [notes:read] }'
const cases: readonly (readonly [name: string, who: () => Promise<Held>, file: File, expected: string])[] = [
  ['grants: less for everybody', local, { grants: `${READ_ALL}]` }, 'notes:read'],
  [
    'grants: for others only',
    local,
    { grants: '[{ who: { subjects: [bob] }, scopes: [notes:read] }]' },
    'invalid_grant',
  ],
  [
    'grants: by name',
    local,
    { grants: `${READ_ALL}, { who: { subjects: [ada] }, scopes: [notes:write] }]` },
    WIDE,
  ],
  [
    'grants: the domain is on the list',
    outside,
    { grants: `${READ_ALL}, { who: { domains: [example.com] }, scopes: [notes:write] }]` },
    WIDE,
  ],
  [
    'grants: the domain was removed',
    outside,
    { grants: `${READ_ALL}, { who: { domains: [example.org] }, scopes: [notes:write] }]` },
    'notes:read',
  ],
  [
    'grants: the group was removed',
    outside,
    { grants: `${READ_ALL}, { who: { groups: [editors] }, scopes: [notes:write] }]` },
    'notes:read',
  ],
  [
    'sign_in: the domain may not sign in any more',
    outside,
    { allow: '{ domains: [a.example] }' },
    'invalid_grant',
  ],
  ['sign_in: the group may', outside, { allow: '{ groups: [writers] }' }, WIDE],
  [
    'sign_in: groups are no organizations',
    outside,
    { allow: '{ organizations: [writers] }' },
    'invalid_grant',
  ],
  ['sign_in: by subject', outside, { allow: '{ subjects: [sub-1] }' }, WIDE],
  ['sign_in: the provider is gone', outside, { allow: undefined }, 'invalid_grant'],
  ['sign_in: its name means another one', outside, { isOther: true }, 'invalid_grant'],
  ['sign_in: passwords are off', local, { passwords: false }, 'invalid_grant'],
]
test.each(cases)('A18, %s', async (_name, who, file, expected) => {
  const first = await next(await who())
  expect(first.got).toBe(WIDE)
  await whole.reload(server(file))
  const mayWrite = expected === WIDE
  expect((await callTool(whole, first.token, 'safe')).status).toBe(mayWrite ? 200 : 401)
  const changed = await next(first.held)
  expect(changed.got).toBe(expected)
  if (expected !== 'invalid_grant') {
    expect((await callTool(whole, changed.token, 'safe')).status).toBe(200)
    expect((await callTool(whole, changed.token, 'danger')).status).toBe(mayWrite ? 200 : 403)
  }
  await whole.reload(server())
  expect((await next(changed.held)).got).toBe(WIDE)
})

describe('a person who changed', () => {
  const grants = `${READ_ALL}, { who: { groups: [writers] }, scopes: [notes:write] }]`

  test('A18: what the provider says at a later sign-in counts for the clients of before', async () => {
    await whole.reload(server({ grants }))
    const held = await outside()
    const wide = await next(held)
    expect((await callTool(whole, wide.token, 'safe')).status).toBe(200)
    await outside({ groups: ['readers'] })
    expect((await callTool(whole, wide.token, 'safe')).status).toBe(401)
    const narrowed = await next(wide.held)
    expect(narrowed.got).toBe('notes:read')
    await outside()
    expect((await next(narrowed.held)).got).toBe(WIDE)
  })

  test('A18: who was shut out refreshes nothing, and disabling has ended what they gave', async () => {
    const held = await local()
    await whole.operator.users.disable('ada')
    expect((await next(held)).got).toBe('invalid_grant')
    await whole.operator.users.enable('ada')
    expect((await next(held)).got).toBe('invalid_grant')
  })

  test('nothing left: the client hears access_denied, asked for before or not, also beside openid', async () => {
    const person = whole.person()
    const habits = { ...HABITS, scope: `openid ${WIDE}`, resource: whole.resource }
    const { clientId } = await signIn(whole, habits, person)
    await whole.reload(server({ grants: '[{ who: { subjects: [bob] }, scopes: [notes:read] }]' }))
    for (const browser of [person, whole.person()]) {
      const { back } = await authorize(whole, habits, clientId, browser)
      expect([back.get('error'), back.get('code')]).toEqual(['access_denied', null])
    }
  })
})

test('G11: the same subject at another issuer is not the person of before, whatever the name in the file', async () => {
  await outside()
  const [known] = (await whole.operator.users.list()).filter(({ provider }) => provider === 'fake')
  await whole.reload(server({ isOther: true }))
  other.idToken = { email: 'eve@example.com', email_verified: true, name: 'Eve' }
  const refused = await throughProvider(createAgent(), `${whole.origin}/account`)
  expect([refused.status, refused.body.includes('This account may not sign in here.')]).toEqual([200, true])
  const [person] = (await whole.operator.users.list()).filter(({ provider }) => provider === 'fake')
  expect(person).toEqual(known)
  expect(whole.audit().at(-1)).toMatchObject({
    event: 'sign_in_refused',
    detail: `fake: known from ${provider.url}; another provider needs another name`,
  })
})

describe('somebody who may have a part of what is asked for', () => {
  test('is asked once, for that part, and the token has it', async () => {
    await whole.reload(server({ grants: `${READ_ALL}]` }))
    const person = whole.person()
    const { token } = await signIn(whole, { ...HABITS, resource: whole.resource }, person)
    expect(token.json['scope']).toBe('notes:read')
    const [, ...consent] = person.takePages()
    expect(consent.map(({ asked }) => asked)).toEqual([['notes:read']])
  })

  test('CDP-02: an answer to a page that showed less is none', async () => {
    await whole.reload(server({ grants: `${READ_ALL}]` }))
    const clientId = String((await register(whole, HABITS)).json['client_id'])
    const agent = createAgent()
    const url = `${whole.origin}/authorize?${new URLSearchParams({
      ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT, scope: WIDE },
      ...{ code_challenge: pkce().challenge, code_challenge_method: 'S256' },
    })}`
    const page = await agent.follow(await agent.get(url))
    const consent = await agent.follow(
      await agent.press(page, 'with', 'password', { name: 'ada', password: PASSWORD }),
    )
    expect(consent.body).not.toContain('notes:write')
    await whole.reload(server())
    expect((await agent.press(consent, 'answer', 'allow')).status).toBe(403)
    const again = await agent.follow(await agent.get(consent.url))
    expect(again.body).toContain('notes:write')
    expect((await agent.press(again, 'answer', 'allow')).status).toBe(303)
  })
})
