// Approvals over real sockets: asked for by a call, decided at the administration port, used once by the same call. Each
// guard has a test that fails without it (docs/decisions.md, 33).
import { afterEach, describe, expect, test } from 'vitest'
import { type Approving, startApproving } from '../support/approving.ts'
import { callOf, legacy } from '../support/messages.ts'

let scene: Approving
afterEach(() => scene.close())

const start = async (options: Parameters<typeof startApproving>[0] = {}) => {
  scene = await startApproving(options)
  return scene
}

describe('a call that was approved', () => {
  test('is made once, by the same call', async () => {
    const { ask, approve, reached } = await start()
    const id = await ask()
    expect((await approve(id)).status).toBe(200)
    expect(await scene.call()).toMatchObject({ status: 200, isError: undefined })
    expect(reached()).toBe(1)
  })

  test('replay: the second time it waits again, as another approval', async () => {
    const { ask, approve, reached } = await start()
    const id = await ask()
    await approve(id)
    await scene.call()
    const again = await ask()
    expect(again).not.toBe(id)
    expect((await approve(id)).status).toBe(404)
    expect(reached()).toBe(1)
  })

  test('ten at the same time: one is made', async () => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    await Promise.all(Array.from({ length: 10 }, () => scene.call()))
    expect(reached()).toBe(1)
  })

  test('asking again joins the same approval', async () => {
    const { ask } = await start()
    const id = await ask()
    expect(await ask()).toBe(id)
    expect(await scene.listed()).toHaveLength(1)
  })
})

describe('another call is not the one that was approved', () => {
  const others: readonly (readonly [what: string, params: string])[] = [
    ['another value', '{"name":"pay","arguments":{"sum":2,"to":"bob"}}'],
    ['1.0 for 1', '{"name":"pay","arguments":{"sum":1.0,"to":"bob"}}'],
    ['1e0 for 1', '{"name":"pay","arguments":{"sum":1e0,"to":"bob"}}'],
    ['a text for a number', '{"name":"pay","arguments":{"sum":"1","to":"bob"}}'],
    ['one more argument', '{"name":"pay","arguments":{"sum":1,"to":"bob","x":null}}'],
    ['an argument less', '{"name":"pay","arguments":{"sum":1}}'],
    [
      'an answer that the server had asked for',
      '{"name":"pay","arguments":{"sum":1,"to":"bob"},"inputResponses":{}}',
    ],
    ['another tool', '{"name":"pay2","arguments":{"sum":1,"to":"bob"}}'],
  ]
  test.each(others)('%s', async (_what, params) => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    expect(await scene.callWith(params)).toMatchObject({ isError: true })
    expect(reached()).toBe(0)
  })

  test.each([
    ['another order of names', '{"name":"pay","arguments":{"to":"bob","sum":1}}'],
    ['other spaces and escapes', '{ "arguments": { "to": "\\u0062ob", "sum": 1 }, "name": "pay" }'],
    [
      'metadata of the request',
      '{"name":"pay","arguments":{"sum":1,"to":"bob"},"_meta":{"progressToken":7}}',
    ],
  ])('%s means the same', async (_what, params) => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    expect(await scene.callWith(params)).toMatchObject({ status: 200, isError: undefined })
    expect(reached()).toBe(1)
  })

  test('a name that stands twice is refused before anything is looked at', async () => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    const twice = '{"name":"pay","arguments":{"sum":9,"sum":1,"to":"bob"}}'
    expect(await scene.callWith(twice)).toMatchObject({ status: 400 })
    expect(reached()).toBe(0)
  })

  test.each([
    ['another subject', { sub: 'eve' }],
    ['another client', { client_id: 'other' }],
  ])('%s', async (_what, claims) => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    expect(await scene.call(claims)).toMatchObject({ isError: true })
    expect(reached()).toBe(0)
  })
})

describe('a decision that does not count any more', () => {
  test('denied: the caller hears it, and no new question is asked', async () => {
    const { ask, decideBy, reached } = await start()
    const id = await ask()
    await decideBy({ subject: 'ada' }, id, 'deny')
    const told = await scene.call()
    expect(told.text).toContain(`This call was denied by an approver, and was not made: approval ${id}`)
    expect(scene.events().at(-1)).toMatchObject({ reason: 'approval_denied', approval: id })
    expect([reached(), await scene.listed()]).toMatchObject([0, [{ state: 'denied' }]])
  })

  test('changed policy: what was approved is void, and what waits cannot be decided', async () => {
    const { ask, approve, reached, digestOf, post } = await start()
    await approve(await ask())
    const waiting = await ask({ sub: 'carol' })
    const digest = await digestOf(waiting)
    await scene.gateway.reload(scene.options({ approvers: 'subjects: [ada], tokens: [night, other]' }))
    expect(await scene.call()).toMatchObject({ isError: true })
    expect((await post(`/approvals/${waiting}`, { decision: 'approve', digest }, 'night')).status).toBe(404)
    expect(reached()).toBe(0)
    expect(scene.events()).toContainEqual(
      expect.objectContaining({ event: 'approval_expired', reason: 'policy_changed' }),
    )
  })

  test('changed manifest', async () => {
    const { ask, approve, reached } = await start({ manifest: 'one' })
    await approve(await ask())
    scene.writeManifest('two')
    await scene.gateway.reload(scene.options({}))
    expect(await scene.call()).toMatchObject({ isError: true })
    expect(reached()).toBe(0)
  })

  test('expiry: neither decided nor used after its time', async () => {
    const { ask, approve, digestOf, post, reached } = await start()
    const first = await ask()
    const digest = await digestOf(first)
    await scene.later(10 * 60_000)
    expect((await post(`/approvals/${first}`, { decision: 'approve', digest }, 'night')).status).toBe(404)
    const second = await ask()
    expect(second).not.toBe(first)
    expect((await approve(second)).status).toBe(200)
    await scene.later(5 * 60_000)
    expect(await scene.call()).toMatchObject({ isError: true })
    expect(reached()).toBe(0)
    expect(scene.events().filter(({ event }) => event === 'approval_expired')).toHaveLength(2)
  })

  test('restart of the gateway: nothing that was approved counts', async () => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    await scene.restart()
    expect(await scene.call()).toMatchObject({ isError: true })
    expect(reached()).toBe(0)
  })

  test('a grant that was revoked while it waited: 401, and the approval is not used', async () => {
    const { ask, approve, reached } = await start({ introspection: true })
    scene.activeGrants.add('bob')
    const token = scene.gateway.token('a', { sub: 'bob' }) // the same, so that its verdict is kept
    await approve(await ask(token))
    scene.activeGrants.delete('bob')
    expect((await scene.call(token)).status).toBe(401)
    expect([reached(), await scene.listed()]).toMatchObject([0, [{ state: 'approved' }]])
  })

  test('the issuer is asked once, also where the rule itself asks', async () => {
    const { ask, approve, reached } = await start({ introspection: true, rule: 'require_active: true,' })
    scene.activeGrants.add('bob')
    const token = scene.gateway.token('a', { sub: 'bob' }) // the same, so that its verdict is kept
    await approve(await ask(token))
    const { introspect } = scene.gateway.issuer
    let asked = 0
    scene.gateway.issuer.introspect = (request) => {
      asked += 1
      return introspect(request)
    }
    expect(await scene.call(token)).toMatchObject({ status: 200, isError: undefined })
    expect([reached(), asked]).toEqual([1, 1])
  })

  test('a token that has expired', async () => {
    const { ask, approve, reached } = await start()
    await approve(await ask())
    expect((await scene.call({ exp: Math.floor(Date.now() / 1_000) - 120 })).status).toBe(401)
    expect(reached()).toBe(0)
  })
})

describe('limits', () => {
  test('a rate counts the call that is made, and costs no approval', async () => {
    const { ask, approve, reached } = await start({
      route: '    limits: { rate: { per_tool: { pay: 1/h } } }',
    })
    for (const sum of [1, 2]) await approve(await ask({}, sum))
    expect(await scene.call({}, 1)).toMatchObject({ status: 200 })
    expect(await scene.call({}, 2)).toMatchObject({ status: 429 })
    expect([reached(), await scene.listed()]).toMatchObject([1, [{ state: 'approved' }]])
  })

  test('a call that cannot be recorded is not made, and costs no approval', async () => {
    const { ask, approve, reached } = await start({ auditFile: '/dev/full' })
    await approve(await ask())
    expect(await scene.call()).toMatchObject({ status: 503 })
    expect([reached(), await scene.listed()]).toMatchObject([0, [{ state: 'approved' }]])
  })

  test('of one caller, and of all', async () => {
    const { call } = await start({ top: 'waiting: 4, per_caller: 2,', share: '50%' })
    const tries = async (sub: string) => [
      await call({ sub }, 1),
      await call({ sub }, 2),
      await call({ sub }, 3),
    ]
    expect((await tries('bob')).map(({ status }) => status)).toEqual([200, 200, 429])
    expect((await tries('carol')).map(({ status }) => status)).toEqual([200, 200, 429])
    expect((await call({ sub: 'dora' }, 1)).status).toBe(503)
  })

  test('a changed number of places is told as waiting for the next start', async () => {
    await start({ top: 'waiting: 4, per_caller: 2,' })
    await scene.gateway.reload(scene.options({ top: 'waiting: 4, per_caller: 3,' }))
    const changed = scene.gateway.log.filter((line) => line.includes('"event":"restart_needed"'))
    expect(changed.map((line) => JSON.parse(line))).toMatchObject([{ changed: ['approvals.per_caller'] }])
  })

  test.each([
    ['are too many', 'y'.repeat(40_000), ''],
    ['are written at such length that nobody puts them in order', 'y', ' '.repeat(262_144)],
  ])('parameters that %s', async (_what, text, spaces) => {
    const { callWith } = await start()
    const big = `{"name":"pay",${spaces}"arguments":{"x":"${text}"}}`
    expect((await callWith(big)).status).toBe(400)
  })

  test('parameters that are written as escapes wait as what they mean', async () => {
    const { callWith } = await start()
    const params = `{"name":"pay","arguments":{"x":"${'\\u0079'.repeat(30_000)}"}}`
    expect(await callWith(params)).toMatchObject({ status: 200, isError: true })
  })
})

test('every request, decision, use and expiry is in the audit with its actor, and no argument', async () => {
  const { ask, approve } = await start()
  const id = await ask()
  await approve(id)
  await scene.call()
  const told = scene.events().filter(({ event }) => String(event).startsWith('approval_'))
  expect(told).toMatchObject([
    {
      event: 'approval_requested',
      actor: 'bob',
      subject: 'bob',
      client: 'client-1',
      request_id: expect.any(String),
    },
    { event: 'approval_granted', actor: 'operator night', subject: 'bob' },
    { event: 'approval_used', actor: 'bob', request_id: expect.any(String) },
  ])
  for (const { detail } of told) expect(detail).toContain(`${id}: pay on a`)
  expect(scene.events().at(-1)).toMatchObject({
    event: 'decision',
    decision: 'allowed',
    rule: 'pay',
    approval: id,
  })
  expect(JSON.stringify([scene.events(), scene.gateway.log])).not.toMatch(/"to"|\bsum\b/)
})

test.each(['legacy', 'modern'] as const)(
  '%s: the caller is told what waits, until when, and what to do',
  async (era) => {
    const { gateway } = await start()
    const { body, headers } =
      era === 'legacy' ? legacy('tools/call', { name: 'pay' }, 'x') : callOf('modern', 'pay', 'x')
    const authorization = `Bearer ${gateway.token('a', { sub: 'bob' })}`
    const { result } = (await (await gateway.post(body, { ...headers, authorization })).json()) as {
      result: { isError: boolean; content: { text: string }[] }
    }
    const [{ id = '' } = {}] = (await scene.listed()) as { id?: string }[]
    expect(result.isError).toBe(true)
    expect(result.content[0]?.text).toMatch(
      new RegExp(
        `it waits as approval ${id} until 20\\d\\d-.*Z.*make the same call again with the same arguments, within 5 min`,
      ),
    )
  },
)
