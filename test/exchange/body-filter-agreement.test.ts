// What passes unread is what would pass if every event were split and judged: the same streams, once judged in full and
// once in runs, cut in every way. `npm run differential passing` holds a million events against an earlier version.
import { expect, test } from 'vitest'
import * as bodyFilter from '../../src/exchange/body-filter.ts'
import * as large from '../../src/exchange/large-answers.ts'
import * as room from '../../src/exchange/output-room.ts'
import * as review from '../../src/exchange/review.ts'
import * as openRequests from '../../src/mcp/open-requests.ts'

const SCRIPTS = new URL('../../scripts/differential/', import.meta.url)
const { judged, KINDS } = await import(new URL('passing/answer.mjs', SCRIPTS).href)
const { eventStreamsFrom } = await import(new URL('passing/generate.mjs', SCRIPTS).href)
const { randomFrom } = await import(new URL('random.mjs', SCRIPTS).href)

const STREAMS = 1_500
const CUT_EVERYWHERE = 6
const now = { ...large, ...room, ...bodyFilter, ...review, ...openRequests }
const everyEvent = { ...now, judgesEveryEvent: () => true }

function expectAgreement(kind: string, bytes: Buffer, cuts: readonly number[]): void {
  const edges = [0, ...cuts, bytes.length]
  const pieces = edges.slice(1).map((to, index) => bytes.subarray(edges[index], to))
  expect(judged(now, kind, pieces), bytes.toString()).toEqual(judged(everyEvent, kind, pieces))
}

test('streams of every kind, cut at random', () => {
  const next = eventStreamsFrom(11)
  const random = randomFrom(12)
  const seen = new Set<string>()
  for (let count = 0; count < STREAMS; count += 1) {
    const { bytes } = next()
    const kind = KINDS[count % KINDS.length]
    const cuts = Array.from({ length: count % 7 }, () => Math.floor(random() * bytes.length))
    expectAgreement(
      kind,
      bytes,
      cuts.sort((a, b) => a - b),
    )
    seen.add(judged(now, kind, [bytes]).told)
  }
  expect(seen.size).toBeGreaterThan(20) // else the streams are all alike
})

test('streams cut at every byte, and byte by byte', () => {
  const next = eventStreamsFrom(13)
  for (let count = 0; count < CUT_EVERYWHERE; count += 1) {
    const { bytes } = next()
    const kind = KINDS[count % KINDS.length]
    const all = Array.from({ length: bytes.length }, (_, at) => at)
    expectAgreement(kind, bytes, all)
    for (const at of all) expectAgreement(kind, bytes, [at])
  }
})

test.each(['call', 'get', 'list', 'modern'])('events around the size that is kept, %s', (kind) => {
  for (const end of ['\n', '\r\n'])
    for (const size of [65_400, 65_535, 65_536, 65_537, 70_000, 140_000]) {
      const fill = (word: string) =>
        `{"jsonrpc":"2.0","method":"x","params":"${word}${'.'.repeat(size - 60)}"}`
      const events = ['a', 'result', '\\u00e9'].map((word) => `id: 3${end}data: ${fill(word)}${end}${end}`)
      const bytes = Buffer.from(`: a${end}${end}${events.join('')}data: {}${end}${end}`)
      for (const step of [8_192, 65_536, 65_535, bytes.length]) {
        const cuts = Array.from({ length: Math.floor((bytes.length - 1) / step) }, (_, n) => (n + 1) * step)
        expectAgreement(kind, bytes, cuts)
      }
    }
})
