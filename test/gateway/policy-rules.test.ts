// Rules for some callers and some arguments, over the wire: the decision, the challenge, the lists, the audit line.
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_CHALLENGES } from '../../src/limits/challenge-loop.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { metricsOf } from '../support/scrape.ts'

let gateway: TestGateway

afterEach(() => gateway.close())

async function start(options: TestGatewayOptions): Promise<void> {
  gateway = await startTestGateway({ auditRequired: true, ...options })
}

const call = (name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
})

function as(scope: string, claims: object = {}) {
  return { authorization: `Bearer ${gateway.token(scope, claims)}` }
}

const reached = () => gateway.upstream.received.length
const lastLine = () => gateway.audit().at(-1)

const RULES = `
      rules:
        - { name: own, tools: [read_file], when: 'args.path.isUnder("/home/" + principal.subject)' }
        - { name: small, tools: [pay], scopes: [pay], when: "args.amount <= 100" }
        - { name: large, tools: [pay], scopes: { all: [pay, pay:large] }, when: "args.amount > 100" }
        - { name: no-bots, effect: deny, tools: [pay], who: { clients: [ci-bot] } }
        - { name: no-secrets, effect: deny, tools: [pay], when: "args.note.contains('secret')", mode: observe }`

describe('who and when', () => {
  const cases: readonly [what: string, body: object, scope: string, claims: object, status: number][] = [
    ['arguments that fit', call('read_file', { path: '/home/user-1/a' }), 'a', {}, 200],
    ['somebody else’s folder', call('read_file', { path: '/home/user-2/a' }), 'a', {}, 403],
    ['a way out of the folder', call('read_file', { path: '/home/user-1/../user-2/a' }), 'a', {}, 403],
    ['no argument at all', call('read_file'), 'a', {}, 403],
    ['a subject that is a folder', call('read_file', { path: '/home/../a' }), 'a', { sub: '..' }, 403],
    ['a small sum', call('pay', { amount: 100 }), 'a pay', {}, 200],
    ['a large sum', call('pay', { amount: 100.5 }), 'a pay', {}, 403],
    ['a large sum with the scope', call('pay', { amount: 1e3 }), 'a pay pay:large', {}, 200],
    ['a client that is denied', call('pay', { amount: 1 }), 'a pay', { client_id: 'ci-bot' }, 403],
    ['a number that is text', call('pay', { amount: '1' }), 'a pay', {}, 403],
  ]
  it.each(cases)('%s', async (_what, body, scope, claims, status) => {
    await start({ policy: RULES })
    const response = await gateway.post(body, as(scope, claims))
    expect([response.status, reached()]).toEqual([status, status === 200 ? 1 : 0])
  })

  it('CHL-10: the challenge names every scope of the operation with these arguments', async () => {
    await start({ policy: RULES })
    const response = await gateway.post(call('pay', { amount: 500 }), as('a'))
    expect(response.headers.get('www-authenticate')).toContain('scope="a pay pay:large"')
    const small = await gateway.post(call('pay', { amount: 5 }), as('a'))
    expect(small.headers.get('www-authenticate')).toContain('scope="a pay"')
  })

  it('a rule whose condition has no answer is named in the audit line, without a value', async () => {
    await start({ policy: RULES })
    await gateway.post(call('read_file', { folder: 'private' }), as('a'))
    expect(lastLine()).toMatchObject({ rule: 'own', faulty: ['own: no field `path`'] })
    expect(JSON.stringify(lastLine())).not.toContain('private')
  })
})

describe('SCP-09: the same challenge over and over', () => {
  it('is told plainly in the end, and another tool is still challenged', async () => {
    await start({})
    const headers: (string | null)[] = []
    for (let round = 0; round <= MAX_CHALLENGES; round++) {
      const response = await gateway.post(call('danger'), as('a'))
      headers.push(response.headers.get('www-authenticate'))
      if (round < MAX_CHALLENGES) continue
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringMatching(/not granted/), data: { error: 'access_denied' } },
      })
    }
    expect(headers.map((header) => header !== null)).toEqual([...Array(MAX_CHALLENGES).fill(true), false])
    const granted = await gateway.post(call('danger'), as('a admin'))
    expect(granted.status).toBe(200)
  })

  it('D61 another client of the same person is still challenged', async () => {
    await start({})
    const challengeOf = async (client: string) => {
      const authorization = `Bearer ${gateway.token('a', { client_id: client })}`
      return (await gateway.post(call('danger'), { authorization })).headers.get('www-authenticate')
    }
    for (let round = 0; round <= MAX_CHALLENGES; round++) await challengeOf('first')
    expect(await challengeOf('first')).toBeNull()
    expect(await challengeOf('second')).toContain('error="insufficient_scope"')
  })
})

describe('observe', () => {
  it('a deny rule: the call goes on, and the line says what would have been', async () => {
    await start({ policy: RULES })
    const response = await gateway.post(call('pay', { amount: 1, note: 'a secret' }), as('a pay'))
    expect([response.status, reached()]).toEqual([200, 1])
    expect(lastLine()).toMatchObject({
      decision: 'allowed',
      rule: 'small',
      would: { reason: 'call_forbidden', rule: 'no-secrets' },
    })
    const metrics = await metricsOf(gateway)
    expect(metrics).toContain(
      'portcullis_observed_total{route="a",method="tools/call",reason="call_forbidden"} 1',
    )
  })

  it('a whole policy: refused rules and scopes are let through, and told', async () => {
    await start({ policy: `\n      mode: observe${RULES}` })
    const unruled = await gateway.post(call('never_heard_of'), as('a'))
    expect([unruled.status, lastLine()?.['would']]).toEqual([
      200,
      { reason: 'call_forbidden', rule: 'default' },
    ])
    await gateway.post(call('pay', { amount: 500, note: 'rent' }), as('a'))
    expect(lastLine()).toMatchObject({ would: { reason: 'scope_missing', missing: ['pay', 'pay:large'] } })
  })

  const never: readonly [what: string, send: () => Promise<Response>, status: number][] = [
    ['the token', () => gateway.post(call('pay'), { authorization: 'Bearer x.y.z' }), 401],
    ['no token', () => gateway.post(call('pay'), { authorization: '' }), 401],
    ['the baseline', () => gateway.post(call('pay'), as('pay')), 403],
    ['a message', () => gateway.post('{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', as('a')), 400],
    [
      'a method that nobody knows',
      () => gateway.post({ jsonrpc: '2.0', id: 1, method: 'x/y' }, as('a')),
      200,
    ],
    ['a session', () => gateway.post(call('pay'), { ...as('a'), 'mcp-session-id': 'made-up' }), 404],
    [
      'an unsafe URI',
      () => gateway.post({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'x://a/../b' } }),
      403,
    ],
  ]
  it.each(never)('never relaxes %s', async (_what, send, status) => {
    await start({ top: 'mode: observe', policy: RULES })
    const response = await send()
    expect([response.status, reached()]).toEqual([status, 0])
  })
})
