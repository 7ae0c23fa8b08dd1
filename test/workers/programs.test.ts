// Servers that are programs, with several workers: the programs belong to the primary, and every worker reaches them.
import { afterEach, expect, test, vi } from 'vitest'
import { callOf } from '../support/messages.ts'
import { isThere, OPEN_POLICY, PLAIN, toolMessage } from '../support/program/client.ts'
import { type OpenStream, openStream } from '../support/stream.ts'
import { gone, serves, startTestWorkers, type TestWorkers } from '../support/workers.ts'

vi.setConfig({ testTimeout: 120_000 }) // each starts three processes or more

let workers: TestWorkers
afterEach(() => workers.close())

function start(keys = ''): Promise<TestWorkers> {
  const program = `command: ["${process.execPath}", "${PLAIN}"], ${keys}`
  return startTestWorkers({ program, policy: OPEN_POLICY })
}

const ACCEPT = { accept: 'application/json, text/event-stream' }

/** A session whose every request comes on a connection of its own, so that the workers get them by turns. */
async function beginSession(subject = 'ada', claims: object = {}) {
  const authorization = `Bearer ${workers.token({ sub: subject, ...claims })}`
  const post = async (body: object, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await workers.answer({ body, headers: ACCEPT }, { authorization, ...headers })
    await answer.ended
    return answer
  }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  const begun = await post({ jsonrpc: '2.0', id: 'i', method: 'initialize', params })
  const own = {
    'mcp-session-id': String(begun.headers['mcp-session-id']),
    'mcp-protocol-version': '2025-11-25',
  }
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, own)
  return {
    ask: (name: string, args: object = {}, meta?: object) => post(toolMessage(name, args, 1, meta), own),
    /** What a tool says, on so many connections. */
    async says(name: string, args: object = {}, times = 4): Promise<readonly string[]> {
      const answers = await Promise.all(
        Array.from({ length: times }, () => post(toolMessage(name, args), own)),
      )
      return answers.map(textIn)
    },
    begin: (name: string, args: object = {}) =>
      workers.call({ body: toolMessage(name, args), headers: ACCEPT }, { authorization, ...own }),
    listen: () =>
      openStream(`${workers.origin}/mcp/a`, {
        headers: { accept: 'text/event-stream', authorization, ...own },
      }),
  }
}

/** The text of a tool's result, of a JSON body or of the last event. */
function textIn(answer: OpenStream): string {
  const last = answer.text().trim().split('\n').at(-1) ?? ''
  const message = JSON.parse(last.replace(/^data: /, '')) as { result?: { content: { text: string }[] } }
  return message.result?.content[0]?.text ?? `${answer.status} ${last}`
}

const NUMBER = /^\d+$/
const PATIENCE = { timeout: 30_000 }

test('one program for a session at all workers; a stream at one hears what a call at another makes it say', async () => {
  workers = await start()
  const session = await beginSession()
  const pids = await session.says('pid')
  expect(pids[0]).toMatch(NUMBER)
  expect(new Set(pids).size).toBe(1)
  const streams = await session.listen()
  await session.ask('log', { value: 'of one' })
  await session.ask('log', { value: 'of another' })
  await streams.until('of another')
  expect(streams.text()).toContain('of one')
  streams.leave()
  const metrics = await workers.metrics()
  expect(metrics).toContain('portcullis_programs_running{route="a"} 1')
  expect(metrics).toContain('portcullis_programs_started_total{route="a"} 1')
})

test('a worker that is killed: its calls end, the program goes on, and the session at every other', async () => {
  workers = await start()
  const session = await beginSession()
  const [pid] = await session.says('pid', {}, 1)
  const hung = Array.from({ length: 16 }, () => session.begin('hang')) // so that each worker has some
  const hanging = async () => (await session.says('lines', {}, 1))[0]?.match(/hang/g)
  await expect.poll(hanging, PATIENCE).toHaveLength(16)
  const [first = 0] = await workers.pids()
  process.kill(first, 'SIGKILL')
  await expect(Promise.race(hung.map(({ head }) => head))).rejects.toThrow() // those of the first
  expect(await session.says('pid', {}, 3)).toEqual([pid, pid, pid])
  await workers.until(serves(0, 1))
  expect(await session.says('pid')).toEqual([pid, pid, pid, pid])
  expect(isThere(Number(pid))).toBe(true)
})

test('kill -9 of the primary ends the programs, and what they started', async () => {
  workers = await start('env: { IGNORES: "1" }')
  const session = await beginSession()
  const pids = [...(await session.says('pid', {}, 1)), ...(await session.says('child', {}, 1))].map(Number)
  expect(pids.map(isThere)).toEqual([true, true])
  workers.process.child.kill('SIGKILL')
  await gone(pids)
})

test('SIGTERM: workers drain, then the programs end in order', async () => {
  workers = await start()
  const session = await beginSession()
  const [pid] = await session.says('pid', {}, 1)
  const last = session.begin('later', { ms: 500, value: 'to the end' })
  await expect.poll(async () => (await session.says('lines', {}, 1))[0], PATIENCE).toContain('to the end')
  workers.process.child.kill('SIGTERM')
  const answer = await last.head
  await answer.ended
  expect(textIn(answer)).toBe('to the end')
  expect(await workers.process.ended).toBe(0)
  expect(isThere(Number(pid))).toBe(false)
  expect(workers.process.log()).not.toContain('program_died')
})

test('a reload that changes another key keeps the program; one that changes the program ends it', async () => {
  workers = await start()
  const session = await beginSession()
  const [pid] = await session.says('pid', {}, 1)
  const reload = async (more: Parameters<TestWorkers['yaml']>[0], generation: number) => {
    workers.process.rewrite(workers.yaml(more))
    workers.process.child.kill('SIGHUP')
    await workers.until((now) => now.generation === generation)
  }
  await reload({ route: '    title: Notes' }, 2)
  expect(await session.says('pid')).toEqual([pid, pid, pid, pid])
  await reload({ program: `command: ["${process.execPath}", "${PLAIN}"], env: { NEW: "1" }` }, 3)
  expect((await session.ask('pid')).status).toBe(404)
  await gone([Number(pid)])
  const next = await beginSession()
  expect(await next.says('env', { name: 'NEW' })).toEqual(['1', '1', '1', '1'])
})

test('what is known of a caller reaches the program', async () => {
  workers = await start('env: { WHO: { principal: subject }, TEAM: { claim: team } }')
  const session = await beginSession('ada', { team: 'red', other: 'x' })
  const [environment = ''] = await session.says('env', {}, 1)
  expect(JSON.parse(environment)).toMatchObject({ WHO: 'ada', TEAM: 'red' })
})

test('per: route: callers at all workers with the same ids and tokens hear nothing of one another', async () => {
  workers = await start('per: route')
  const callers = await Promise.all(Array.from({ length: 6 }, (_, index) => beginSession(`caller ${index}`)))
  const rounds = callers.flatMap((session, index) =>
    [0, 1, 2].map(async (round) => {
      const value = `of ${index} in ${round}`
      const answer = await session.ask('progress', { value }, { progressToken: 1 })
      const said = [...answer.text().matchAll(/of \d in \d/g)].map(([text]) => text)
      expect(said).toEqual([value, value, value])
    }),
  )
  await Promise.all(rounds)
  expect(await workers.metrics()).toContain('portcullis_programs_started_total{route="a"} 1')
})

test('2026-07-28: who leaves cancels, at whichever worker', async () => {
  workers = await start()
  const modern = (name: string) => callOf('modern', name)
  expect(textIn(await finished(workers.answer(modern('pid'))))).toMatch(NUMBER)
  const hung = workers.call(modern('hang'))
  const lines = async () => textIn(await finished(workers.answer(modern('lines'))))
  await expect.poll(lines, PATIENCE).toContain('hang')
  hung.leave()
  await expect.poll(lines, PATIENCE).toContain('notifications/cancelled')
})

async function finished(answer: Promise<OpenStream>): Promise<OpenStream> {
  const open = await answer
  await open.ended
  return open
}
