// Who decides on approvals, over real sockets: at the administration port with a token, or by a signed webhook that names a
// person (docs/decisions.md, 34). Never the caller, nor the owner of its client.
import { afterEach, describe, expect, test } from 'vitest'
import { type Approving, startApproving } from '../support/approving.ts'

let scene: Approving
afterEach(() => scene.close())

const start = async (options: Parameters<typeof startApproving>[0] = {}) => {
  scene = await startApproving(options)
  return scene
}

describe('who decides', () => {
  test.each([
    ['a person whom the rule names', { subject: 'ada' }, 200],
    ['anybody else', { subject: 'eve' }, 403],
    ['the caller, though the rule names them', { subject: 'bob' }, 403],
    ['the same name at another issuer', { subject: 'ada', issuer: 'https://other.example' }, 403],
    ['the owner of the client that calls', { subject: 'olga' }, 403],
  ])('%s: %s', async (_what, approver, status) => {
    const { ask, decideBy, reached } = await start()
    const id = await ask()
    expect((await decideBy(approver, id)).status).toBe(status)
    await scene.call()
    expect(reached()).toBe(status === 200 ? 1 : 0)
  })

  test('a client that calls in its own name needs an owner who is known', async () => {
    const { ask, decideBy } = await start()
    const machine = { sub: 'robot', client_id: 'robot' }
    const id = await ask(machine)
    const refused = await decideBy({ subject: 'ada' }, id)
    expect(refused).toMatchObject({ status: 403, body: { why: 'owner_unknown' } })
    await scene.gateway.reload(scene.options({ owners: '{ robot: { subjects: [olga] } }' }))
    expect((await decideBy({ subject: 'olga' }, id)).status).toBe(403)
    expect((await decideBy({ subject: 'ada' }, id)).status).toBe(200)
  })

  test.each([
    ['a token with the right that the rule names', 'night', 200],
    ['a token with the right that it does not name', 'other', 403],
    ['a token without the right', 'viewer', 403],
    ['admin.token', 'token', 403],
    ['nobody', 'nobody', 401],
  ])('%s: %s', async (_what, token, status) => {
    const { ask, post, digestOf } = await start()
    const id = await ask()
    const digest = await digestOf(id)
    expect((await post(`/approvals/${id}`, { decision: 'approve', digest }, token)).status).toBe(status)
  })

  test('what was sent is shown whole to whoever may decide, and to nobody else', async () => {
    const { ask, get } = await start()
    const id = await ask()
    expect((await get(`/approvals/${id}`, 'night')).body).toMatchObject({
      params: '{"arguments":{"sum":1,"to":"bob"},"name":"pay"}',
    })
    const other = await get(`/approvals/${id}`, 'other')
    expect(other.body).toMatchObject({ id, objection: 'no_approver' })
    for (const { text } of [other, await get('/approvals', 'viewer')]) expect(text).not.toContain('"sum"')
    expect((await get(`/approvals/${id}`, 'viewer')).status).toBe(403)
  })

  test('the race of two approvers: one decision', async () => {
    const { ask, decideBy } = await start()
    const id = await ask()
    const tries = Array.from({ length: 8 }, (_, index) =>
      decideBy({ subject: index % 2 === 0 ? 'ada' : 'grace' }, id, index % 2 === 0 ? 'approve' : 'deny'),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
    const decided = scene.events().filter(({ event }) => /granted|denied/.test(String(event)))
    expect(decided).toHaveLength(1)
  })

  test('what is not what was shown is not decided', async () => {
    const { ask, post } = await start()
    const id = await ask()
    const answer = await post(`/approvals/${id}`, { decision: 'approve', digest: 'sha256:0' }, 'night')
    expect(answer).toMatchObject({ status: 409, body: { error: 'changed' } })
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['no digest', '{"decision":"approve"}'],
    ['no decision', '{"digest":"x"}'],
    ['a name twice', '{"decision":"deny","decision":"approve","digest":"x"}'],
    ['too much', JSON.stringify({ decision: 'approve', digest: 'x'.repeat(5_000) })],
  ])('%s is 400', async (_what, body) => {
    const { ask, raw } = await start()
    const id = await ask()
    expect((await raw(`/approvals/${id}`, body, { authorization: 'Bearer night-token' })).status).toBe(400)
  })
})

test('a manifest on the disk that nobody has loaded changes nothing', async () => {
  const { ask, approve, reached } = await start({ manifest: 'one' })
  const id = await ask()
  scene.writeManifest('two')
  expect((await approve(id)).status).toBe(200)
  expect(await scene.call()).toMatchObject({ status: 200, isError: undefined })
  expect(reached()).toBe(1)
})

const ADA = { subject: 'ada' }

describe('a webhook', () => {
  test('that comes again decides nothing: neither what it decided, nor the next of the same call', async () => {
    const { ask, decisionBy, reached } = await start()
    const id = await ask()
    const [once, withAnotherId] = [await decisionBy(ADA, id), await decisionBy(ADA, id)]
    expect((await once()).status).toBe(200)
    for (const again of [once, withAnotherId])
      expect(await again()).toMatchObject({ status: 409, body: { error: 'already_decided' } })
    await scene.call()
    await ask()
    for (const again of [once, withAnotherId]) expect((await again()).status).toBe(404)
    await scene.call()
    expect(reached()).toBe(1)
    const granted = scene.events().filter(({ event }) => event === 'approval_granted')
    expect(granted).toHaveLength(1)
  })

  test('that says approve after another said deny changes nothing', async () => {
    const { ask, decisionBy, decideBy, reached } = await start()
    const id = await ask()
    const approve = await decisionBy(ADA, id)
    await decideBy(ADA, id, 'deny')
    expect((await approve()).status).toBe(409)
    await scene.call()
    expect(reached()).toBe(0)
  })

  test.each([
    ['another secret', { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }],
    ['a time of before', { at: Date.now() - 600_000 }],
  ])('is refused with %s', async (_what, signing) => {
    const { ask, decideBy } = await start()
    expect((await decideBy({ subject: 'ada' }, await ask(), 'approve', signing)).status).toBe(401)
  })

  test('without a person is nobody’s', async () => {
    const { ask, decideBy } = await start()
    expect((await decideBy({ subject: '' }, await ask())).status).toBe(400)
  })

  test('tells a service of the approval, signed, and again when it failed', async () => {
    const { ask, notices, failNext } = await start()
    failNext()
    const id = await ask()
    await expect.poll(() => notices().length, { timeout: 10_000 }).toBe(2)
    const [failed, told] = notices()
    expect(told?.id).toBe(failed?.id)
    expect(told?.body).toMatchObject({
      type: 'approval.requested',
      data: { id, tool: 'pay', subject: 'bob', params: '{"arguments":{"sum":1,"to":"bob"},"name":"pay"}' },
    })
  })

  test('that cannot be reached costs nothing: it waits all the same', async () => {
    const { ask, approve } = await start({ deaf: true })
    expect((await approve(await ask())).status).toBe(200)
  })
})
