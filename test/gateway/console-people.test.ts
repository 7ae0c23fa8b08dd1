// People who sign in to the console at an issuer elsewhere, over real sockets: what the rules make of their claims, what
// fails on the way, and what a reload ends.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeProvider, startProvider } from '../as/support/provider.ts'
import { type AdminAnswer, type AdminPort, startAdminPort } from '../support/admin-port.ts'

const RULES = `
  - { who: { subjects: [sub-1] }, may: [view] }
  - { who: { groups: { claim: groups, any: [sre, ops] } }, may: [view, operate] }
  - { who: { roles: [judge], subjects: [sub-1] }, may: [approve] }`
const peopleOf = (rules: string) => `people: {
  issuer: corp, client_id: portcullis-at-fake, client_secret: a secret, scopes: [groups],
  rules: [${rules.replaceAll('\n  - ', ', ').slice(2)}] }`

let issuer: FakeProvider
let port: AdminPort
beforeAll(async () => {
  issuer = await startProvider()
  const corp = `issuer: "${issuer.url}", allow_insecure_issuer: true, claims: { roles: [roles] }`
  port = await startAdminPort(peopleOf(RULES), { issuers: `{ corp: { ${corp} } }` })
})
afterAll(async () => {
  await port.close()
  await issuer.close()
})
beforeEach(() => {
  Object.assign(issuer, { idToken: {}, down: false, token: undefined, redirect: (callback: URL) => callback })
  issuer.redeemed.length = 0
  port.events.length = 0
  port.reload(peopleOf(RULES))
})

const cookiesIn = ({ headers }: AdminAnswer) => headers['set-cookie'] as readonly string[] | undefined
const pairs = (answer: AdminAnswer) =>
  (cookiesIn(answer) ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ')

/** To the issuer, and back to where it sends the browser. */
async function away() {
  const begun = await port.ask('/console/sign-in/people')
  expect(begun.status).toBe(303)
  const asked = new URL(String(begun.headers['location']))
  const sent = await fetch(asked, { redirect: 'manual' })
  return { begun, asked, cookie: pairs(begun), callback: new URL(sent.headers.get('location') ?? '') }
}
const back = ({ callback, cookie }: { readonly callback: URL; readonly cookie: string }) =>
  port.ask(callback.pathname + callback.search, { headers: { cookie } })
const signIn = async () => back(await away())
async function mayDo(answer: AdminAnswer): Promise<readonly string[]> {
  const cookie = pairs(answer)
  const may = async (right: string) =>
    (await port.ask(`/console/${right}`, { headers: { cookie } })).status === 200
  const all = await Promise.all(
    ['view', 'operate', 'approve'].map(async (right) => [right, await may(right)] as const),
  )
  return all.flatMap(([right, isAllowed]) => (isAllowed ? [right] : []))
}

test('the page to sign in names the issuer; the browser is sent there with PKCE, state and nonce', async () => {
  expect((await port.ask('/console/sign-in')).body).toContain('Sign in at <strong>corp</strong>')
  const { asked } = await away()
  expect(asked.origin).toBe(issuer.url)
  const { state, nonce, code_challenge: challenge, ...said } = Object.fromEntries(asked.searchParams)
  for (const word of [state, nonce, challenge]) expect(String(word).length).toBeGreaterThan(40)
  expect(said).toEqual({
    client_id: 'portcullis-at-fake',
    code_challenge_method: 'S256',
    redirect_uri: `${port.origin}/console/callback`,
    response_type: 'code',
    scope: 'openid groups',
  })
})

test('whoever comes back is led on by a page of ours, with a session and nothing of the issuer', async () => {
  const answer = await signIn()
  expect(answer.status).toBe(200)
  expect(answer.body).toContain('<meta http-equiv="refresh" content="0; url=/console">')
  expect(answer.body).toContain('Signed in as <strong>sub-1</strong>')
  const session = (cookiesIn(answer) ?? []).filter((cookie) => !cookie.includes('Max-Age=0'))
  expect(session).toEqual([expect.stringMatching(/^portcullis-console-\d+=[\w-]{43}; .*SameSite=Strict$/)])
  const [token = '', idToken = ''] = [issuer.tokens.at(-1), issuer.idTokens.at(-1)]
  for (const secret of [token, idToken]) expect(JSON.stringify([answer, port.events])).not.toContain(secret)
})

test('the audit names the person, also for what they change', async () => {
  issuer.idToken = { groups: ['ops'] }
  const cookie = pairs(await signIn())
  const { body } = await port.ask('/console/form', { headers: { cookie } })
  const csrf = (JSON.parse(body) as { readonly formToken: string }).formToken
  const headers = { cookie, 'x-portcullis-csrf': csrf }
  expect((await port.ask('/console/operate', { method: 'POST', headers })).status).toBe(200)
  const person = { actor: 'operator sub-1', issuer: issuer.url, subject: 'sub-1', address: '127.0.0.1' }
  expect(port.events).toEqual([
    { event: 'operator_sign_in', ...person, detail: `signed in at ${issuer.url}` },
    { event: 'changed', ...person, detail: 'operate' },
  ])
})

describe('rules', () => {
  test.each<readonly [object, readonly string[]]>([
    [{}, ['view']],
    [{ sub: 'another', groups: ['sre'] }, ['view', 'operate']],
    [{ sub: 'another', groups: 'ops' }, ['view', 'operate']],
    [{ groups: ['ops', 'x'], roles: ['judge'] }, ['view', 'operate', 'approve']],
    [{ roles: ['judge'] }, ['view', 'approve']],
    [{ sub: 'SUB-1', groups: ['sre'], roles: ['judge'] }, ['view', 'operate']],
  ])('%j may %j', async (claims, may) => {
    issuer.idToken = { ...claims }
    expect(await mayDo(await signIn())).toEqual(may)
  })

  test.each<object>([
    { sub: 'another' },
    { sub: 'another', groups: ['SRE'], roles: ['judge'] },
    { sub: 'another', groups: { sre: true } },
    { sub: 'sub-1 ' },
  ])('%j comes not in', async (claims) => {
    issuer.idToken = { ...claims }
    const answer = await signIn()
    expect(answer.status).toBe(403)
    expect(await mayDo(answer)).toEqual([])
    expect(port.events).toMatchObject([{ event: 'operator_sign_in_refused', detail: 'no rule fits' }])
  })

  test('the subject is the claim that is the subject of callers', async () => {
    const corp = `issuer: "${issuer.url}", allow_insecure_issuer: true, claims: { subject: [oid] }`
    const admin = peopleOf('\n  - { who: { subjects: [o-1] }, may: [view, approve] }')
    const other = await startAdminPort(admin, { issuers: `{ corp: { ${corp} } }` })
    const enter = async () => {
      const begun = await other.ask('/console/sign-in/people')
      const sent = await fetch(String(begun.headers['location']), { redirect: 'manual' })
      const callback = new URL(sent.headers.get('location') ?? '')
      return other.ask(callback.pathname + callback.search, { headers: { cookie: pairs(begun) } })
    }
    issuer.idToken = { sub: 'pairwise', oid: 'o-1' }
    expect((await enter()).status).toBe(200)
    expect(other.events.at(-1)).toMatchObject({ actor: 'operator o-1', subject: 'o-1' })
    issuer.idToken = { sub: 'o-1' }
    expect((await enter()).status).toBe(403)
    expect(other.events.at(-1)).toMatchObject({ detail: expect.stringContaining('claims.subject') })
    await other.close()
  })
})

describe('what fails on the way', () => {
  test('A20, A21: an answer counts once, for the browser and the state that it began with', async () => {
    const [mine, theirs] = [await away(), await away()]
    expect((await back({ callback: mine.callback, cookie: '' })).status).toBe(403)
    expect(port.events).toEqual([]) // it was begun elsewhere, by anybody
    expect((await back({ callback: mine.callback, cookie: theirs.cookie })).status).toBe(403)
    expect((await back(mine)).status).toBe(200)
    expect((await back(mine)).status).toBe(403)
  })

  test.each<readonly [string, (callback: URL) => void]>([
    ['another state', (callback) => callback.searchParams.set('state', 'x')],
    ['another issuer', (callback) => callback.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (callback) => callback.searchParams.delete('iss')],
    ['another code', (callback) => callback.searchParams.set('code', 'x')],
    ['an error', (callback) => callback.searchParams.set('error', 'access_denied')],
  ])('%s', async (_what, change) => {
    const under = await away()
    change(under.callback)
    const answer = await back(under)
    expect(answer.status).toBe(403)
    expect(await mayDo(answer)).toEqual([])
    expect(port.events).toMatchObject([{ event: 'operator_sign_in_refused', actor: 'unknown' }])
  })

  test.each<object>([
    { nonce: 'x' },
    { aud: 'another' },
    { iss: 'https://evil.example' },
    { exp: 1 },
    { sub: 7 },
  ])('an ID token with %j', async (claims) => {
    issuer.idToken = { ...claims }
    expect(await mayDo(await signIn())).toEqual([])
  })

  test('the issuer is away, at first or when the code is shown', async () => {
    const under = await away()
    issuer.down = true
    const answer = await back(under)
    expect(answer.status).toBe(502)
    expect(await mayDo(answer)).toEqual([])
    expect(answer.body).toContain('Nobody can sign in there now')
    port.reload(peopleOf(RULES).replace('a secret', 'another secret'))
    expect((await port.ask('/console/sign-in/people')).status).toBe(502)
  })

  test('the file names no people any more', async () => {
    const under = await away()
    port.reload('')
    expect((await back(under)).status).toBe(404)
    expect((await port.ask('/console/sign-in/people')).status).toBe(404)
  })

  test('Host is another', async () => {
    const answer = await port.ask('/console/sign-in/people', { headers: { host: 'evil.example' } })
    expect(answer.status).toBe(403)
  })
})

test('a rule that changes in a reload ends the session', async () => {
  const answer = await signIn()
  port.reload(peopleOf(RULES))
  expect(await mayDo(answer)).toEqual(['view'])
  port.reload(peopleOf(`${RULES}\n  - { who: { subjects: [x] }, may: [view] }`))
  expect(await mayDo(answer)).toEqual([])
})

test('another issuer of the same name ends the session: the same subject there is somebody else', async () => {
  const answer = await signIn()
  expect(await mayDo(answer)).toEqual(['view'])
  port.reload(peopleOf(RULES), '{ corp: { issuer: https://other.example, claims: { roles: [roles] } } }')
  expect(await mayDo(answer)).toEqual([])
})

test('a reload that changes nothing of people asks the issuer for its metadata no second time', async () => {
  await away()
  issuer.down = true
  port.reload(peopleOf(RULES))
  expect((await port.ask('/console/sign-in/people')).status).toBe(303)
})

test('people alone close the port', async () => {
  expect((await port.ask('/metrics')).status).toBe(401)
})

test('H24: a network begins 300 sign-ins in 15 minutes', async () => {
  const other = await startAdminPort(peopleOf(RULES), {
    issuers: `{ corp: { issuer: "${issuer.url}", allow_insecure_issuer: true, claims: { roles: [roles] } } }`,
  })
  const statuses = new Map<number, number>()
  for (let times = 0; times < 303; times += 1) {
    const { status } = await other.ask('/console/sign-in/people')
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses]).toEqual([
    [303, 300],
    [429, 3],
  ])
  expect(other.events).toHaveLength(1)
  await other.close()
})
