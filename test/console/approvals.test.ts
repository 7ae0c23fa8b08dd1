// Approvals on the console, over real sockets: people who signed in and tokens look at what waits, and decide on it by the
// same rules as everywhere. Never on their own call, nor on what they were not shown.
import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type SharedState, UNAVAILABLE } from '../../src/core/shared-state.ts'
import { createStateInMemory } from '../../src/gateway/state-in-memory.ts'
import { type FakeProvider, startProvider } from '../as/support/provider.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { signCompact } from '../support/issuer.ts'
import { openEvents } from './events.ts'
import { formWith } from './operators.ts'
import { type Browser, signInAt } from './signed-in.ts'

const ADMIN_TOKEN = 'an admin token for the test'
const NAMED = ['night', 'other'].map(
  (name) => `{ name: ${name}, hash: "sha256:${hash('sha256', `${name}-token`)}", may: [view, approve] }`,
)
const ADMIN = `{ listen: 127.0.0.1:0, token: "\${ADMIN}", tokens: [${NAMED.join(', ')}], people: {
  issuer: corp, client_id: portcullis-at-fake, client_secret: "\${CORP}", rules: [
    { who: { subjects: [ada, grace, bob, olga, eve] }, may: [view, approve] },
    { who: { subjects: [vera] }, may: [view, operate] } ] } }`
const POLICY = `
      rules:
        - { name: pay, effect: approve, tools: [pay], approvers: {
            issuers: [corp], subjects: [ada, grace, bob, olga], tokens: [night] } }`
const PARAMS = '{"name":"pay","arguments":{"sum":20000}}'

let provider: FakeProvider
let gateway: TestGateway
let isAway = false
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())
beforeEach(async () => {
  isAway = false
  gateway = await startTestGateway({
    ...{ auditRequired: true, admin: ADMIN, policy: POLICY, routeIssuers: '[as1, corp]' },
    env: { ADMIN: ADMIN_TOKEN, CORP: 'a secret' },
    top: 'approvals: { client_owners: { desk: { issuers: [corp], subjects: [olga] } } }',
    issuer: `  corp: { issuer: "${provider.url}", allow_insecure_issuer: true }`,
    state: stateThatGoes(),
  })
})
afterEach(() => gateway.close())

/** What gateways share, which does not answer while `isAway`. */
function stateThatGoes(): SharedState {
  const state = createStateInMemory()
  return {
    ...state,
    records(name, bounds) {
      const records = state.records(name, bounds)
      return {
        ...records,
        list: () => (isAway ? UNAVAILABLE : records.list()),
        find: (key) => (isAway ? UNAVAILABLE : records.find(key)),
      }
    },
  }
}

const enter = (sub: string) => signInAt(provider, gateway.running.adminOrigin, sub)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Bob calls, with a token of the issuer where people sign in to the console. */
async function call(params = PARAMS): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const { kid, privateKey } = provider.keys.signs
  const claims = {
    iss: provider.url,
    sub: 'bob',
    aud: gateway.resource,
    client_id: 'desk',
    iat: now,
    exp: now + 600,
  }
  const token = signCompact(
    JSON.stringify({ alg: 'ES256', kid, typ: 'at+jwt' }),
    JSON.stringify({ ...claims, scope: 'a' }),
    privateKey,
  )
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`
  return (await gateway.post(body, bearer(token))).text()
}

async function ask(params = PARAMS): Promise<string> {
  const [, id] = /waits as approval ([0-9a-f]+) /.exec(await call(params)) ?? []
  if (id === undefined) throw new Error('it does not wait')
  return `/approvals/call?id=${id}`
}

const decided = () =>
  gateway.audit().filter(({ event }) => /^approval_(?:granted|denied)$/.test(String(event)))
const reached = () => gateway.upstream.received.length
/** The form of the page, with one of its two buttons pressed. */
async function formOn(browser: Browser, path: string, verdict = 'approve') {
  const { text } = await browser.page(path)
  return [...formWith(text, '/console/approvals/decide'), ['decision', verdict] as const]
}
const send = (browser: Browser, fields: readonly (readonly [string, string])[], headers = {}) =>
  browser.send('/approvals/decide', fields, headers)
/** What another page of the session has in its forms, and what they never saw. */
async function forged(browser: Browser, path: string) {
  const csrf = formWith((await browser.page('/approvals')).text, '/console/sign-out')
  const { digest } = (await (
    await fetch(`${gateway.running.adminOrigin}/approvals/${path.split('=')[1]}`, {
      headers: bearer('night-token'),
    })
  ).json()) as { readonly digest: string }
  return [...csrf, ['id', path.split('=')[1] ?? ''], ['shown', digest], ['decision', 'approve']] as const
}

describe('a person who may approve', () => {
  test('sees what waits, opens it, and approves it: the caller makes the call once', async () => {
    const path = await ask()
    const ada = await enter('ada')
    const list = await ada.page('/approvals')
    expect(list.text).toContain(`href="/console${path}"`)
    expect(list.text).toContain('<bdi>waiting</bdi>')
    expect(list.text).not.toContain('20000')
    const sent = await send(ada, await formOn(ada, path))
    expect([sent.status, sent.location]).toEqual([303, '/console/approvals?done=approve'])
    expect((await ada.page('/approvals?done=approve')).text).toContain('approved by operator ada')
    expect(decided()).toMatchObject([
      { event: 'approval_granted', actor: 'operator ada', subject: 'bob', address: '127.0.0.1' },
    ])
    await call()
    expect(reached()).toBe(1)
    expect(await call()).toContain('waits as approval')
  })

  test('denies it', async () => {
    const path = await ask()
    const ada = await enter('ada')
    expect((await send(ada, await formOn(ada, path, 'deny'))).status).toBe(303)
    expect((await ada.page(path)).text).toContain('denied by operator ada')
    expect(await call()).toContain('denied')
    expect(reached()).toBe(0)
  })

  test('reads what was sent, whole, with its digits, and nothing in it acts', async () => {
    const params = `{"name":"pay","arguments":{"to":"<b>x</b>\u202e\\u0007\\"","sum":1.0,"big":12345678901234567890,"none":[],"all":[{},true]}}`
    const path = await ask(params)
    const { text } = await (await enter('ada')).page(path)
    const [, shown = ''] = /<pre class="sent" dir="ltr">([\s\S]*)<\/pre>/.exec(text) ?? []
    expect(shown.replaceAll(/<\/?bdi>/g, '')).toBe(
      [
        ...['{', '  &quot;arguments&quot;: {', '    &quot;all&quot;: [', '      {},', '      true', '    ],'],
        ...[
          '    &quot;big&quot;: 12345678901234567890,',
          '    &quot;none&quot;: [],',
          '    &quot;sum&quot;: 1.0,',
        ],
        ...['    &quot;to&quot;: &quot;&lt;b&gt;x&lt;/b&gt;\\u202e\\u0007\\&quot;&quot;', '  },'],
        ...['  &quot;name&quot;: &quot;pay&quot;', '}'],
      ].join('\n'),
    )
    expect(text).not.toMatch(/<b>|\u202e|\u0007/)
  })

  test('two of them at the same time, in a browser each: one decides, the other hears who was faster', async () => {
    const path = await ask()
    const browsers = [await enter('ada'), await enter('grace')] as const
    const forms = await Promise.all([formOn(browsers[0], path), formOn(browsers[1], path, 'deny')])
    const answers = await Promise.all(browsers.map((browser, place) => send(browser, forms[place] ?? [])))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect(answers.find(({ status }) => status === 409)?.text).toMatch(
      /Nothing was decided: it was (?:approved|denied) by operator (?:ada|grace) before/,
    )
    expect(decided()).toHaveLength(1)
  })

  test('does not decide on what the page has not shown, and is shown what it is', async () => {
    const path = await ask()
    const ada = await enter('ada')
    const form = (await formOn(ada, path)).filter(([name]) => name !== 'shown')
    const answer = await send(ada, [...form, ['shown', 'sha256:0']])
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('this is not what the page has shown')
    expect(answer.text).toContain('20000')
    expect(decided()).toEqual([])
  })

  test('does not decide on what its rules have left, and is shown what waits', async () => {
    const path = await ask()
    const ada = await enter('ada')
    const form = await formOn(ada, path)
    await gateway.reload({ policy: POLICY.replace('tools: [pay]', 'tools: [pay, pay2]') })
    const answer = await send(ada, form)
    expect(answer.status).toBe(409)
    expect(answer.text).toContain('Nothing was decided: the call waits no more')
    expect((await ada.page(path)).status).toBe(404)
    expect(decided()).toEqual([])
  })

  test('is told live what waits', async () => {
    const { cookie } = await enter('ada')
    const events = await openEvents(`${gateway.running.adminOrigin}/console/approvals/events`, { cookie })
    const next = async () => (JSON.parse(JSON.stringify(await events.next())) as { view: string }).view
    expect(await next()).toContain('Nothing waits for approval.')
    const path = await ask()
    expect(await next()).toContain(path)
    events.close()
  })

  test('is told that what gateways share is away', async () => {
    const path = await ask()
    const ada = await enter('ada')
    const form = await formOn(ada, path)
    isAway = true
    expect((await ada.page('/approvals')).text).toContain('What gateways share does not answer')
    expect((await ada.page(path)).status).toBe(503)
    expect((await send(ada, form)).status).toBe(503)
    isAway = false
    expect(decided()).toEqual([])
    expect((await send(ada, form)).status).toBe(303)
  })
})

describe('who does not decide', () => {
  test.each([
    ['the caller, though the rule names them', 'bob', 'whoever makes a call does not approve it'],
    ['the owner of the client that calls', 'olga', 'the owner of a client does not approve its calls'],
    ['a person whom the rule does not name', 'eve', 'the rule names other approvers'],
  ])('%s', async (_what, sub, words) => {
    const path = await ask()
    const browser = await enter(sub)
    const { text } = await browser.page(path)
    expect(text).toContain(words)
    expect(text).not.toMatch(/20000|approvals\/decide/)
    const answer = await send(browser, await forged(browser, path))
    expect(answer.status).toBe(403)
    expect(answer.text).toContain(words)
    expect(decided()).toEqual([])
  })

  test('a person without the right', async () => {
    const path = await ask()
    const vera = await enter('vera')
    const { text } = await vera.page(path)
    expect(text).toContain('needs the right <code>approve</code>')
    expect(text).not.toMatch(/20000|approvals\/decide/)
    expect((await send(vera, await forged(vera, path))).status).toBe(403)
    expect(decided()).toEqual([])
  })

  test.each([
    ['a token that the rule names', 'night-token', 303],
    ['a token that it does not name', 'other-token', 403],
    ['admin.token', ADMIN_TOKEN, 403],
    ['nobody', 'nobody', 401],
  ])('%s: %s', async (_what, token, status) => {
    const path = await ask()
    const fields = await forged(await enter('ada'), path)
    const answer = await fetch(`${gateway.running.adminOrigin}/console/approvals/decide`, {
      ...{ method: 'POST', redirect: 'manual', headers: bearer(token) },
      body: new URLSearchParams(fields.map(([name, value]) => [name, value])),
    })
    expect(answer.status).toBe(status)
    expect(decided()).toHaveLength(status === 303 ? 1 : 0)
  })
})

test('A24: a page of somebody else decides nothing', async () => {
  const path = await ask()
  const [ada, grace] = [await enter('ada'), await enter('grace')]
  const form = await formOn(ada, path)
  const without = form.filter(([name]) => name !== 'csrf')
  const foreign = (await formOn(grace, path)).filter(([name]) => name === 'csrf')
  expect((await send(ada, without)).status).toBe(403)
  expect((await send(ada, [...without, ...foreign])).status).toBe(403)
  for (const headers of [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])
    expect((await send(ada, form, headers)).status).toBe(403)
  expect(decided()).toEqual([])
  expect((await send(ada, form, { 'sec-fetch-site': 'same-origin' })).status).toBe(303)
})
