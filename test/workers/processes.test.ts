// Several workers over real processes: who serves, what a worker takes with it when it dies, and how all end.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { callOf } from '../support/messages.ts'
import { type Held, holdRequests, type OpenStream, startEvents } from '../support/stream.ts'
import { gone, isAlive, serves, startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 60_000 }) // each starts three processes or more

let workers: TestWorkers
afterEach(() => workers.close())

const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{}}'

/** So many calls that have begun to be answered, one after the other, each on a connection of its own. */
async function heldCalls(count: number) {
  const next = holdRequests(workers.upstream)
  const answers: OpenStream[] = []
  const held: Held[] = []
  for (let index = 0; index < count; index += 1) {
    const call = workers.call()
    const reached = await next()
    startEvents(reached.response, ': open\n\n')
    const answer = await call.head
    await answer.until('open')
    answers.push(answer)
    held.push(reached)
  }
  return { answers, held }
}

describe('F15 a worker that is killed', () => {
  test('cuts its own calls only, which the audit shows, and is replaced', async () => {
    workers = await startTestWorkers({ auditRequired: true })
    const { answers, held } = await heldCalls(6)
    const [, second = 0] = await workers.pids()
    process.kill(second, 'SIGKILL')
    const cut = await Promise.race([
      Promise.all([answers[0], answers[2], answers[4]].map((answer) => answer?.ended)),
      Promise.all([answers[1], answers[3], answers[5]].map((answer) => answer?.ended)),
    ])
    expect(cut).toEqual(['cut', 'cut', 'cut']) // connections go round
    for (const { response } of held) response.end(`data: ${ANSWER}\n\n`)
    const endings = await Promise.all(answers.map(({ ended }) => ended))
    expect(endings.toSorted()).toEqual(['cut', 'cut', 'cut', 'whole', 'whole', 'whole'])

    const { workers: places } = await workers.until(serves(1, 1))
    expect(places?.map(({ deaths }) => deaths)).toEqual([0, 1])
    expect(places?.[1]?.pid).not.toBe(second)
    expect(workers.process.log()).toContain('"event":"worker_died","worker":2')
    const idsOf = (event: string) =>
      workers.audit().flatMap((line) => (line['event'] === event ? String(line['request_id']) : []))
    const [admitted, ended] = [idsOf('admitted'), new Set(idsOf('decision'))]
    expect(admitted).toHaveLength(6)
    expect(idsOf('worker_died').toSorted()).toEqual(admitted.filter((id) => !ended.has(id)).toSorted())
    expect(workers.audit().filter(({ event }) => event === 'worker_died')).toHaveLength(3)
  })

  test('F41 again and again soon after its start: tries wait longer, and readiness says so', async () => {
    workers = await startTestWorkers()
    for (const deaths of [0, 1, 2]) {
      const { workers: places } = await workers.until(serves(1, deaths))
      process.kill(places?.[1]?.pid ?? 0, 'SIGKILL')
    }
    const seen = await workers.until(({ workers: places }) => places?.[1]?.deaths === 3)
    expect(seen.workers?.[1]).toMatchObject({ crash_loop: true })
    expect(workers.process.log()).toContain('"event":"worker_crash_loop"')
    expect(seen.ready).toBe(true)
    expect((await workers.answer()).status).toBe(200)
  })

  test('its place goes on with the last good file, whatever stands there now', async () => {
    workers = await startTestWorkers()
    workers.process.rewrite('nonsense: true\n')
    workers.process.child.kill('SIGHUP')
    await workers.process.said('"event":"reload_refused"')
    const [, second = 0] = await workers.pids()
    process.kill(second, 'SIGKILL')
    await workers.until(serves(1, 1))
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await workers.answer()).status))
    expect(statuses).toEqual([200, 200, 200, 200])
  })
})

describe('the end', () => {
  test('SIGTERM: every worker lets its calls finish, no process is left, exit code 0', async () => {
    workers = await startTestWorkers()
    const pids = await workers.pids()
    const { answers, held } = await heldCalls(4)
    workers.process.child.kill('SIGTERM')
    await workers.process.said('"event":"draining"')
    expect((await fetch(`${workers.admin}/readyz`)).status).toBe(503)
    for (const { response } of held) response.end(`data: ${ANSWER}\n\n`)
    expect(await Promise.all(answers.map(({ ended }) => ended))).toEqual(['whole', 'whole', 'whole', 'whole'])
    expect(await workers.process.ended).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(workers.audit().filter(({ event }) => event === 'decision')).toHaveLength(4)
    expect(workers.process.log()).not.toContain('worker_died')
  })

  test('SIGTERM for every process at once, as a service manager sends it', async () => {
    workers = await startTestWorkers()
    const pids = await workers.pids()
    const { answers, held } = await heldCalls(2)
    for (const pid of [...pids, workers.process.child.pid ?? 0]) process.kill(pid, 'SIGTERM')
    await workers.process.said('"event":"draining"')
    for (const { response } of held) response.end(`data: ${ANSWER}\n\n`)
    expect(await Promise.all(answers.map(({ ended }) => ended))).toEqual(['whole', 'whole'])
    expect(await workers.process.ended).toBe(0)
  })

  test('a second SIGTERM ends all at once', async () => {
    workers = await startTestWorkers()
    const pids = await workers.pids()
    await heldCalls(2)
    workers.process.child.kill('SIGTERM')
    await workers.process.said('"event":"draining"')
    workers.process.child.kill('SIGTERM')
    expect(await workers.process.ended).toBe(1)
    await gone(pids)
  })

  test('F42 the primary is killed: its workers let their calls finish, and none is left', async () => {
    workers = await startTestWorkers()
    const pids = await workers.pids()
    const { answers, held } = await heldCalls(2)
    workers.process.child.kill('SIGKILL')
    await workers.process.ended
    await expect(workers.answer(callOf('legacy'))).rejects.toThrow('ECONNREFUSED')
    for (const { response } of held) response.end(`data: ${ANSWER}\n\n`)
    expect(await Promise.all(answers.map(({ ended }) => ended))).toEqual(['whole', 'whole'])
    await gone(pids)
  })
})
