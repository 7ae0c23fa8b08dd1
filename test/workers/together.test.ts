// Several workers as one gateway: one reload, one page of metrics, one session wherever it was begun.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { callOf, legacy } from '../support/messages.ts'
import { sumOf } from '../support/scrape.ts'
import { serves, startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 60_000 }) // each starts three processes or more

let workers: TestWorkers
afterEach(() => workers.close())

const NOTHING = '\n      rules:\n        - { name: other, tools: [other], scopes: [a] }'
const statuses = async (count: number) => {
  const seen: number[] = []
  for (let index = 0; index < count; index += 1) seen.push((await workers.answer()).status)
  return seen
}

describe('reload', () => {
  test('all workers change, and no call fails meanwhile', async () => {
    workers = await startTestWorkers()
    const seen: number[] = []
    let isOver = false
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) seen.push((await workers.answer()).status)
    })
    for (const generation of [2, 3, 4]) {
      workers.process.child.kill('SIGHUP')
      await workers.process.said(`"event":"reloaded","generation":${generation}`)
    }
    isOver = true
    await Promise.all(load)
    expect(seen.length).toBeGreaterThan(3) // each of the four had an answer
    expect(new Set(seen)).toEqual(new Set([200]))

    workers.process.rewrite(workers.yaml({ policy: NOTHING }))
    workers.process.child.kill('SIGHUP')
    await workers.process.said('"event":"reloaded","generation":5')
    expect(await statuses(4)).toEqual([403, 403, 403, 403])
    expect((await workers.readiness()).generation).toBe(5)
    const reloads = 'portcullis_config_reloads_total'
    expect(sumOf(await workers.metrics(), reloads, { result: 'applied' })).toBe(4)
    workers.process.child.kill('SIGTERM')
    expect(await workers.process.ended).toBe(0)
    const changes = workers.audit().filter(({ event }) => event === 'policy_changed')
    expect(changes).toHaveLength(1)
  })

  test('F43 what one worker does not get ready changes nothing in any', async () => {
    workers = await startTestWorkers()
    const silent = createServer() // takes connections and never answers: workers wait for its keys
    let asked = 0
    silent.on('connection', () => {
      asked += 1
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const issuer = `  as2: { issuer: "http://127.0.0.1:${port}", allow_insecure_issuer: true }`
    const [, second = 0] = await workers.pids()
    workers.process.rewrite(workers.yaml({ policy: NOTHING, issuer, routeIssuers: '[as1, as2]' }))
    workers.process.child.kill('SIGHUP')
    while (asked < 2) await once(silent, 'connection')
    process.kill(second, 'SIGKILL')
    await workers.process.said('"event":"reload_failed"')
    await workers.until(serves(1, 1))
    expect(await statuses(4)).toEqual([200, 200, 200, 200])
    expect((await workers.readiness()).generation).toBe(1)
    silent.close()
  })
})

test('metrics are those of all workers, and what one counted stays when it is gone', async () => {
  workers = await startTestWorkers()
  const counted = async () =>
    sumOf(await workers.metrics(), 'portcullis_decisions_total', { decision: 'allowed' })
  await statuses(6)
  expect(await counted()).toBe(6)
  const [first = 0] = await workers.pids()
  process.kill(first, 'SIGKILL')
  await workers.until(serves(0, 1))
  expect(await counted()).toBe(6)
  await statuses(2)
  const text = await workers.metrics()
  expect(sumOf(text, 'portcullis_decisions_total', { decision: 'allowed' })).toBe(8)
  expect(sumOf(text, 'portcullis_request_duration_seconds_count')).toBe(8)
  expect(text).toMatch(/^portcullis_workers 2$/m)
  expect(text).toMatch(/^portcullis_worker_deaths_total 1$/m)
  expect(text.match(/^# TYPE portcullis_request_duration_seconds histogram$/gm)).toHaveLength(1)
})

test('a session that was begun at one worker goes on at each', async () => {
  workers = await startTestWorkers()
  workers.upstream.respond = ({ headers }, response) => {
    const isKnown = headers['mcp-session-id'] === 'upstream-1'
    const begun = { 'content-type': 'application/json', 'mcp-session-id': 'upstream-1' }
    response.writeHead(200, begun).end(`{"jsonrpc":"2.0","id":1,"result":{"known":${isKnown}}}`)
  }
  const begun = await workers.answer(legacy('initialize', { protocolVersion: '2025-11-25' }))
  const session = String(begun.headers['mcp-session-id'])
  for (let index = 0; index < 4; index += 1) {
    const answer = await workers.answer(callOf('legacy'), { 'mcp-session-id': session })
    await answer.ended
    expect(answer.text()).toContain('"known":true')
  }
})

test('audit lines of all workers on standard output are whole', async () => {
  workers = await startTestWorkers({ auditFile: 'stdout', stdout: 'pipe' })
  let text = ''
  workers.process.child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const long = `q-${'x'.repeat(150)}`
  await Promise.all(
    Array.from({ length: 200 }, async () => (await workers.answer(callOf('legacy', long))).status),
  )
  workers.process.child.kill('SIGTERM')
  expect(await workers.process.ended).toBe(0)
  const lines = text.split('\n').filter((line) => line !== '')
  expect(lines.map((line) => JSON.parse(line) as { event: string }).length).toBe(200)
})
