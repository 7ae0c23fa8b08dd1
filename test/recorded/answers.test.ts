// Five hundred answers, byte for byte but for ids, times and random words, so that a change which means to change nothing
// is seen to change nothing. `PORTCULLIS_RECORD=1` writes the file anew: its diff then is what clients will see differ.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REQUESTS, type RecordedRequest } from './requests.ts'
import { startWorld, type World } from './world.ts'

const FILE = join(import.meta.dirname, 'answers.jsonl')
const recording = process.env['PORTCULLIS_RECORD'] === '1'

let world: World
beforeAll(async () => {
  world = await startWorld()
}, 60_000)
afterAll(() => world.close())

interface Entry {
  readonly request: RecordedRequest
  readonly answer: readonly string[]
}

async function answersNow(): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const request of REQUESTS) entries.push({ request, answer: await world.answer(request) })
  return entries
}

test(`the answers to ${REQUESTS.length} requests are those on record`, async () => {
  const now = await answersNow()
  if (recording) writeFileSync(FILE, now.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  const recorded = lines.map((line) => JSON.parse(line) as Entry)
  expect(REQUESTS.length).toBeGreaterThanOrEqual(500)
  expect(now).toEqual(recorded)
}, 120_000)
