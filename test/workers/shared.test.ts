// What must be one at all workers, over real processes: rates, failed attempts, used proofs, tasks.
import { afterEach, expect, test, vi } from 'vitest'
import { JKT, proofFor } from '../support/dpop.ts'
import { callOf, legacy } from '../support/messages.ts'
import { holdRequests, openStream } from '../support/stream.ts'
import { startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 60_000 }) // each starts three processes

let workers: TestWorkers
afterEach(() => workers.close())

const counted = (statuses: readonly number[], status: number) =>
  statuses.filter((each) => each === status).length

test('F45 a rate is the same in total, however many workers count it', async () => {
  workers = await startTestWorkers({
    route: '    limits: { rate: { per_subject: 20/min, per_tool: { safe: 12/min } } }',
  })
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await workers.answer()).status))
  expect([counted(statuses, 200), counted(statuses, 429)]).toEqual([12, 28])
})

test('F46 a proof that was used at one worker is refused at all', async () => {
  workers = await startTestWorkers({ route: '    dpop: require' })
  const token = workers.token({ cnf: { jkt: JKT } })
  const proof = proofFor(`${workers.origin}/mcp/a`, token)
  const show = (dpop: string) => workers.answer(callOf('legacy'), { authorization: `DPoP ${token}`, dpop })
  const statuses: number[] = []
  for (let index = 0; index < 4; index += 1) statuses.push((await show(proof)).status)
  expect(statuses).toEqual([200, 401, 401, 401])
  const fresh = proofFor(`${workers.origin}/mcp/a`, token)
  const atOnce = await Promise.all([1, 2, 3, 4].map(async () => (await show(fresh)).status))
  expect(atOnce.toSorted()).toEqual([200, 401, 401, 401])
})

test('failed attempts of one network are counted together', async () => {
  workers = await startTestWorkers({ route: '    limits: { rate: { failed_auth_per_address: 6/min } }' })
  const statuses: number[] = []
  for (let index = 0; index < 12; index += 1) {
    const forged = { authorization: `Bearer ${workers.token({ aud: `elsewhere-${index}` })}` }
    statuses.push((await workers.answer(callOf('legacy'), forged)).status)
  }
  expect([counted(statuses, 401), counted(statuses, 429)]).toEqual([6, 6])
})

test('a task that was begun at one worker is found at each, by its owner alone', async () => {
  workers = await startTestWorkers()
  workers.upstream.respond = (_request, response) => {
    const result = '{"task":{"taskId":"t-1","status":"working"}}'
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`{"jsonrpc":"2.0","id":1,"result":${result}}`)
  }
  const begun = await workers.answer(
    legacy('tools/call', { name: 'safe', arguments: {}, task: { ttl: 60_000 } }),
  )
  await begun.ended
  const ask = async (claims: object) => {
    const authorization = `Bearer ${workers.token(claims)}`
    const answer = await workers.answer(legacy('tasks/get', { taskId: 't-1' }), { authorization })
    await answer.ended
    return answer.text().includes('Task not found') ? 'unknown' : 'found'
  }
  const own = [await ask({}), await ask({}), await ask({}), await ask({})]
  expect(own).toEqual(['found', 'found', 'found', 'found'])
  expect([await ask({ sub: 'eve' }), await ask({ sub: 'eve' })]).toEqual(['unknown', 'unknown'])
})

test('a call that was cancelled at another worker ends when its client leaves', async () => {
  workers = await startTestWorkers()
  const next = holdRequests(workers.upstream)
  const cancel = legacy('notifications/cancelled', { requestId: 1 })
  const { id: _, ...body } = cancel.body as { readonly id: number }
  for (const between of [0, 1]) {
    const client = workers.call()
    const held = await next()
    for (let n = 0; n < between; n += 1) (await openStream(`${workers.origin}/nowhere`)).leave() // the turn of the other
    const sent = workers.answer({ body, headers: cancel.headers })
    const heard = await next()
    heard.response.writeHead(202).end()
    expect((await sent).status).toBe(202)
    client.leave()
    await held.closed
    expect(held.response.writableEnded).toBe(false)
  }
})
