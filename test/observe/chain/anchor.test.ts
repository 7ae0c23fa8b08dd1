// Checkpoints at a second place: over HTTP while the receiver is there, away, and back; to a file that was cut.

import { appendFileSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { createAnchor } from '../../../src/observe/chain/anchor.ts'
import { createLog } from '../../../src/observe/log.ts'
import { chainedFolder, eventOf, linesOf } from './chained-audit.ts'

interface Receiver {
  readonly url: string
  readonly server: Server
  readonly kept: string[]
  /** What it answers from now on. */
  status: number
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const isKnown = request.headers.authorization === 'Bearer anchor-token'
    if (isKnown && receiver.status === 204) receiver.kept.push(body.trim())
    response.writeHead(isKnown ? receiver.status : 401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints`
  const receiver: Receiver = { url, server, kept: [], status: 204 }
  return receiver
}

const TOKEN = new Secret('anchor-token')

test('by URL: each checkpoint is sent, with the token, and the audit verifies against what was kept', async () => {
  const receiver = await startReceiver()
  const chained = chainedFolder()
  const audit = chained.open({ anchor: { url: receiver.url, token: TOKEN, ca: undefined } })
  for (let number = 0; number < 5; number += 1) audit.event(eventOf(number))
  await audit.close()
  expect(receiver.kept).toEqual(linesOf(chained.file).filter((line) => line.includes('"event":"checkpoint"')))
  expect(audit.anchored).toEqual({ kept: 2, waiting: 0, lost: 0 })
  appendFileSync(chained.anchor, receiver.kept.map((line) => `${line}\n`).join(''))
  const { faults, chains } = await chained.verify()
  expect(faults).toEqual([])
  expect(chains).toMatchObject([{ lastSeq: 7, anchored: { seq: 7 } }])
})

test('a receiver that fails is asked again until it keeps them; the log says both once', async () => {
  const receiver = await startReceiver()
  receiver.status = 503
  const chained = chainedFolder()
  const audit = chained.open({ anchor: { url: receiver.url, token: TOKEN, ca: undefined } })
  await expect.poll(() => chained.log.filter(({ event }) => event === 'anchor_down')).toHaveLength(1)
  expect(chained.log.find(({ event }) => event === 'anchor_down')).toMatchObject({
    place: new URL(receiver.url).origin,
    why: 'status 503',
  })
  audit.reopen()
  expect(audit.anchored).toMatchObject({ kept: 0, lost: 0 })
  receiver.status = 204
  await expect.poll(() => receiver.kept.length, { timeout: 10_000 }).toBe(2)
  await audit.close()
  expect(audit.anchored).toEqual({ kept: 3, waiting: 0, lost: 0 })
  expect(chained.log.filter(({ event }) => event === 'anchor_up')).toHaveLength(1)
  expect(JSON.stringify(chained.log)).not.toContain('anchor-token')
})

test('nobody there: calls go on, and what was never kept is counted when the gateway ends', async () => {
  const receiver = await startReceiver()
  receiver.server.close()
  const chained = chainedFolder()
  const audit = chained.open({ anchor: { url: receiver.url, token: TOKEN, ca: undefined } })
  audit.event(eventOf(1))
  await audit.close()
  expect(audit.anchored).toEqual({ kept: 0, waiting: 0, lost: 2 })
  expect(chained.log.filter(({ event }) => event === 'anchor_down')).toMatchObject([{ why: 'ECONNREFUSED' }])
  expect(chained.log.filter(({ event }) => event === 'anchor_lost')).toHaveLength(1)
})

test('past a day of checkpoints the oldest is given up, counted, and told once', async () => {
  const log: Record<string, unknown>[] = []
  const asked: string[] = []
  let isThere = false
  const anchor = createAnchor({
    place: 'elsewhere',
    log: createLog('info', { write: (line: string) => void log.push(JSON.parse(line)) }),
    async keep(line) {
      asked.push(line)
      return isThere ? undefined : 'away'
    },
  })
  for (let number = 0; number < 1_450; number += 1) anchor.keep(String(number))
  expect(anchor.counts).toEqual({ kept: 0, waiting: 1_440, lost: 10 })
  isThere = true
  await anchor.close()
  expect(asked.slice(0, 3)).toEqual(['0', '10', '11'])
  expect(anchor.counts).toEqual({ kept: 1_440, waiting: 0, lost: 10 })
  expect(log.map(({ event }) => event)).toEqual(['anchor_lost', 'anchor_down', 'anchor_up'])
})

test('a checkpoint whose line was cut in the file of the anchor is written on a line of its own', async () => {
  const chained = chainedFolder()
  appendFileSync(chained.anchor, '{"time":"2026')
  await chained.open().close()
  expect(readFileSync(chained.anchor, 'utf8').split('\n')[0]).toBe('{"time":"2026')
  expect((await chained.verify()).chains).toMatchObject([{ anchored: { seq: 2 } }])
})

test('each minute and at each rotation a checkpoint is kept, also without a line between', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const chained = chainedFolder()
  const audit = chained.open({ required: false })
  for (let minute = 0; minute < 4; minute += 1) {
    if (minute > 0) vi.advanceTimersByTime(60_000)
    await expect.poll(() => audit.anchored?.kept).toBe(minute + 1)
  }
  await audit.close()
  const causes = linesOf(chained.file).map((line) => (JSON.parse(line) as { why: string }).why)
  expect(causes).toEqual(['start', 'interval', 'interval', 'interval', 'end'])
})
