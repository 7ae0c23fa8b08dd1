// What our reader takes for a whole answer, node's own parser takes for the same one: random answers with a few bytes
// changed, over real sockets. The other way round need not hold; ours refuses more. `npm run differential answers` tries
// more of them, without sockets.
import { Agent } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KnownNames } from '../../src/upstream/response-head.ts'
import { changedAnswer, takenByNode, takenByNodeWithin, takenByOurs } from '../support/changed-answers.ts'

const RUNS = 400
const known: KnownNames = [] // kept from one answer to the next, as an upstream's connections do
let bytes = Buffer.alloc(0)
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.end(bytes))
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => server.close(resolve)))

function nodes() {
  const { port } = server.address() as AddressInfo
  return takenByNode({ port, host: '127.0.0.1', agent: new Agent({ keepAlive: false }) })
}

test('L31 L32 whatever our reader accepts, node reads alike', async () => {
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(changedAnswer, async (changed) => {
      const mine = takenByOurs(changed, known)
      if (mine === undefined) return
      accepted += 1
      bytes = Buffer.from(mine.bytes)
      expect(mine.whole).toEqual(await nodes())
      expect(mine.whole).toEqual(await takenByNodeWithin(mine))
    }),
    { numRuns: RUNS },
  )
  expect(accepted).toBeGreaterThan(RUNS / 4) // else the test compares nothing
})

test('L32 an answer that node ends before, or after, our last byte counts as another', async () => {
  const whole = { status: 200, headers: ['content-length', '2'], body: 'ab' }
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab'
  const taken = (sent: string) => takenByNodeWithin({ whole, bytes: Buffer.from(sent), untilClose: false })
  expect(await taken(text)).toEqual(whole)
  expect(await taken(`${text}c`)).toBeUndefined()
  expect(await taken(text.slice(0, -1))).toBeUndefined()
})
