// Whoever does not read: a program that takes nothing of its input, and a client that takes nothing of its answers. What waits
// for them is bounded for each caller, and nobody else waits behind it.
import { type IncomingMessage, request } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { beginSession, type PlainSession, startPrograms, toolMessage } from '../support/program/client.ts'

vi.setConfig({ testTimeout: 60_000 }) // they move 100 MiB and more

let gateway: TestGateway
afterEach(() => gateway?.close())

const MiB = 1024 * 1024
const PATIENCE = { timeout: 15_000 }
const LARGE = { route: '    limits: { body: 4MiB }', auditRequired: true }

test('a program that does not read: a caller fills its own share, and then others are heard in turn', async () => {
  gateway = await startPrograms('per: route', LARGE)
  const [ada, bob] = [await beginSession(gateway, 'ada'), await beginSession(gateway, 'bob')]
  const pid = Number(await ada.call('deaf'))
  const done: string[] = []
  const value = 'v'.repeat(3 * MiB)
  const large = Array.from({ length: 8 }, async (_, index) => {
    const { status } = await ada.post(toolMessage('pid', { value }, index))
    done.push(`ada ${status}`)
  })
  await expect.poll(() => done, PATIENCE).toEqual(['ada 503', 'ada 503', 'ada 503']) // five of them are 16 MiB
  const small = bob.call('echo', { value: 'of bob' }).then((text) => done.push(text))
  await expect.poll(() => gateway.audit().filter(isCallOfBob), PATIENCE).toHaveLength(1)
  process.kill(pid, 'SIGUSR2')
  await Promise.all([...large, small])
  expect(done.indexOf('of bob')).toBeLessThan(6) // not behind all that ada sent before
  expect(await ada.call('echo', { value: 'again' })).toBe('again')
})

const isCallOfBob = ({ event, subject, method }: Readonly<Record<string, unknown>>) =>
  event === 'admitted' && subject === 'bob' && method === 'tools/call'

/** An answer of which nothing is read until `read`. */
async function unread({ headers }: PlainSession, bytes: number) {
  const sent = request(gateway.resource, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-type': 'application/json' },
  })
  sent.end(JSON.stringify(toolMessage('fill', { bytes })))
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject)
  })
  return {
    status: answer.statusCode,
    async read() {
      let length = 0
      for await (const chunk of answer) length += (chunk as Buffer).length
      return length
    },
    leave: () => sent.destroy(),
  }
}

/** More than the kernel takes for a connection, and than a caller may have beside another one. */
const BYTES = 15 * MiB

test('a client that does not read its answers: its own share is full, and others have theirs', async () => {
  gateway = await startPrograms('per: route', { top: 'limits: { share_per_caller: 5% }' })
  const [ada, bob] = [await beginSession(gateway, 'ada'), await beginSession(gateway, 'bob')]
  const answers = []
  for (let count = 0; count < 5; count += 1) answers.push(await unread(ada, BYTES))
  expect(answers.map(({ status }) => status)).toEqual([200, 503, 503, 503, 503])
  expect(await (await unread(bob, BYTES)).read()).toBeGreaterThan(BYTES)
  expect(await answers[0]?.read()).toBeGreaterThan(BYTES)
  const again = await unread(ada, BYTES)
  expect(again.status).toBe(200)
  again.leave()
  const statusNow = async () => {
    const { status, leave } = await unread(ada, BYTES)
    leave()
    return status
  }
  await expect.poll(statusNow, PATIENCE).toBe(200)
})
