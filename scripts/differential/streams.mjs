// Event streams, cut in every way: what goes on is the same bytes however they come, and what the gateway judges is what
// two readers read, one of the specification (streams/reader.mjs) and the one that the SDKs of MCP use.
import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import { createEventFilter } from '../../src/exchange/body-filter.ts'
import { createEventSplitter, withData } from '../../src/mcp/events.ts'
import { randomFrom } from './random.mjs'
import { streamsFrom } from './streams/generate.mjs'
import { readStream } from './streams/reader.mjs'

/** So many are cut in two at every byte; those behind them at some. */
const CUT_EVERYWHERE = 4_000
/** Smaller than the real size, so that many of the events here pass in parts. */
const SMALL_EVENT_BYTES = 24
const MAX_SHOWN = 10
const SDK = createRequire(import.meta.resolve('@modelcontextprotocol/client'))

export async function compareStreams({ count, seed }) {
  const { createParser } = SDK('eventsource-parser')
  const next = streamsFrom(seed)
  const random = randomFrom(seed + 1)
  const totals = { streams: 0, events: 0, cuts: 0, wrong: 0 }
  for (let index = 0; index < count; index += 1) {
    const bytes = next()
    const expected = expectedOf(bytes)
    const ways = [[], everyByte(bytes), ...(index < CUT_EVERYWHERE ? inTwo(bytes) : [some(bytes, random)])]
    totals.streams += 1
    totals.events += expected.events.length
    totals.cuts += ways.length
    compareWhole(bytes, expected, readBySdk(createParser, bytes), totals)
    for (const cuts of ways) compareCut(bytes, cuts, expected, totals)
  }
  const { streams, events, cuts } = totals
  console.log(`${streams} streams with ${events} events, cut in ${cuts} ways: ${totals.wrong} wrong`)
  return totals.wrong
}

/** What is judged, what goes on where nothing is changed, and what where all data is. */
function expectedOf(bytes) {
  const { events, endsAt } = readStream(bytes, { everyMark: true })
  return { events, unchanged: bytes.subarray(0, endsAt), changed: passed(bytes, [], changedData).out }
}

function compareWhole(bytes, { events, changed }, bySdk, totals) {
  if (!isDeepStrictEqual(bySdk, readStream(bytes).events))
    tell(totals, bytes, 'eventsource-parser and the specification differ')
  const expected = events.map(({ data, type }) => ({ data: `<${data}>`, type }))
  if (!isDeepStrictEqual(readStream(changed, { everyMark: true }).events, expected))
    tell(totals, bytes, 'changed data reads otherwise')
}

function compareCut(bytes, cuts, expected, totals) {
  const { judged, out } = passed(bytes, cuts, (event) => event.bytes)
  if (!isDeepStrictEqual(judged, expected.events)) tell(totals, bytes, `judged otherwise, cut at ${cuts}`)
  if (!out.equals(expected.unchanged)) tell(totals, bytes, `passed otherwise, cut at ${cuts}`)
  const changed = passed(bytes, cuts, changedData).out
  if (!changed.equals(expected.changed)) tell(totals, bytes, `changed otherwise, cut at ${cuts}`)
  const parts = parted(bytes, cuts)
  const begins = bytes.subarray(0, parts.out.length).equals(parts.out) && parts.out.length >= out.length
  if (!begins || !isDeepStrictEqual(parts.events, expected.events))
    tell(totals, bytes, `other parts, cut at ${cuts}`)
}

const OPEN = Buffer.from('<')
const CLOSE = Buffer.from('>')

function changedData(event) {
  return event.data === undefined ? event.bytes : withData(event, Buffer.concat([OPEN, event.data, CLOSE]))
}

function passed(bytes, cuts, judge) {
  const judged = []
  const filter = createEventFilter({
    ...WHOLE_EVENTS,
    judge(event) {
      const { data, type = '' } = event
      if (data !== undefined) judged.push({ data: data.toString(), type })
      return judge(event)
    },
  })
  const out = piecesOf(bytes, cuts).map((piece) => filter.push(piece))
  return { judged, out: Buffer.concat(out) }
}

const WHOLE_EVENTS = { judgePart: undefined, open: undefined, canResume: false, onError() {} }

function piecesOf(bytes, cuts) {
  const edges = [0, ...cuts, bytes.length]
  return edges.slice(1).map((to, index) => bytes.subarray(edges[index], to))
}

/** Where what is larger passes in parts: the events that these are, and all that passed. */
function parted(bytes, cuts) {
  const splitter = createEventSplitter({ maxEventBytes: 1 << 20, partedOverBytes: SMALL_EVENT_BYTES })
  const events = []
  let kept = []
  for (const { bytes: part, part: which } of piecesOf(bytes, cuts).flatMap((piece) => splitter.push(piece))) {
    if ((which === 'continues' || which === 'ends') !== kept.length > 0) throw new Error(`a part ${which}`)
    kept.push(part)
    if (which === 'begins' || which === 'continues') continue
    events.push(Buffer.concat(kept))
    kept = []
  }
  const read = events.flatMap((event) => readStream(event, { everyMark: true }).events)
  return { events: read, out: Buffer.concat([...events, ...kept]) }
}

function everyByte(bytes) {
  return Array.from({ length: bytes.length }, (_, at) => at)
}

function inTwo(bytes) {
  return everyByte(bytes).map((at) => [at])
}

function some(bytes, random) {
  const cuts = Array.from({ length: 1 + Math.floor(random() * 8) }, () => Math.floor(random() * bytes.length))
  return cuts.sort((a, b) => a - b)
}

/** As the SDKs feed it. What ends with a lone CR is told when more comes. */
function readBySdk(createParser, bytes) {
  const events = []
  const parser = createParser({ onEvent: ({ data, event = '' }) => events.push({ data, type: event }) })
  parser.feed(`${new TextDecoder().decode(bytes)}:\n`)
  return events
}

function tell(totals, bytes, what) {
  totals.wrong += 1
  if (totals.wrong <= MAX_SHOWN) console.log(`${what}: ${JSON.stringify(bytes.toString('latin1'))}`)
}
