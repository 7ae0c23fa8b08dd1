// Bodies of requests: what the gateway accepts, every reader has to read as the same method, name and id. Each reader is
// a small program in bodies/, which is fed hexadecimal lines and answers each with one line of JSON.
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readMessage } from '../../src/mcp/message.ts'
import { bodiesFrom } from './bodies/generate.mjs'
import { buildReaders, readWith } from './bodies/readers.mjs'

const BATCH = 20_000
const HEADERS = { version: [], method: [], name: [] }
const MAX_SHOWN = 10

export async function compareBodies({ count, seed }) {
  const readers = buildReaders()
  if (readers.length === 0) return 0
  const next = bodiesFrom(seed)
  const totals = { bodies: 0, accepted: 0, wrong: 0 }
  for (let done = 0; done < count; done += BATCH) {
    const bodies = Array.from({ length: Math.min(BATCH, count - done) }, next)
    totals.bodies += bodies.length
    await compareBatch(bodies, readers, totals)
    console.log(`${totals.bodies} bodies, ${totals.accepted} accepted, ${totals.wrong} wrong`)
  }
  return totals.wrong
}

async function compareBatch(bodies, readers, totals) {
  const accepted = bodies.map((bytes) => ({ bytes, ours: ourReading(bytes) })).filter(({ ours }) => ours)
  totals.accepted += accepted.length
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bodies-'))
  const file = join(folder, 'bodies')
  const out = createWriteStream(file)
  for (const { bytes } of accepted) out.write(`${bytes.toString('hex')}\n`)
  out.end()
  await once(out, 'finish')
  for (const reader of readers) {
    const readings = readWith(reader, file)
    if (readings.length !== accepted.length)
      throw new Error(`${reader.name} answered ${readings.length} of ${accepted.length}`)
    for (const [index, theirs] of readings.entries()) tell(reader, accepted[index], theirs, totals)
  }
  rmSync(folder, { recursive: true })
}

function tell(reader, { bytes, ours }, theirs, totals) {
  if (canonical(theirs) === ours) return
  totals.wrong += 1
  if (totals.wrong > MAX_SHOWN) return
  console.log(
    `${reader.name} reads ${theirs}, the gateway ${ours}: ${JSON.stringify(bytes.toString('latin1'))}`,
  )
}

/** As the readers tell it: method, name or URI, and id of each message. Undefined for what is refused. */
function ourReading(bytes) {
  const read = readMessage(bytes, HEADERS)
  if (!read.ok) return undefined
  return JSON.stringify(
    read.value.calls
      .map(({ method, targets, id }) => [method, targets[0]?.name ?? null, idOf(id)])
      .map(hexed),
  )
}

/** Numbers are compared by value: `1.0` and `1e0` are one to every reader. */
function idOf(id) {
  if (id === undefined) return null
  return id.startsWith('"') ? `s${JSON.parse(id)}` : `n${Number(id)}`
}

/** Every reader prints numbers in its own way. */
function canonical(line) {
  if (line.startsWith('error')) return line
  const readings = JSON.parse(line).map(([method, name, id]) => {
    const text = id === null ? '' : Buffer.from(id, 'hex').toString()
    if (!text.startsWith('n')) return [method, name, id]
    const number = Number(text.slice(1).replace(/^\+?(-?)inf$/i, '$1Infinity'))
    return [method, name, Buffer.from(`n${number}`).toString('hex')]
  })
  return JSON.stringify(readings)
}

/** In UTF-8, so that no reader's way to print text counts. */
function hexed(texts) {
  return texts.map((text) => (text === null ? null : Buffer.from(text).toString('hex')))
}
