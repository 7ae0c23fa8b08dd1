// A search for inputs that cost more than those known: random ones of a small grammar are changed again and again, and
// what costs the most time for its length is kept. It runs the readers themselves, in this process.

import { createEventSplitter } from '../../src/mcp/events.ts'
import { filterListing } from '../../src/mcp/listing.ts'
import { readMessage } from '../../src/mcp/message.ts'
import { readOutcome } from '../../src/mcp/outcome.ts'
import { compileGlob } from '../../src/policy/glob.ts'
import { isJudgeableUri } from '../../src/policy/uri.ts'
import { readJws } from '../../src/token/read-jws.ts'
import { LIMIT_MS } from './costs.ts'

interface Target {
  readonly name: string
  /** What an input of this length may be at most. */
  readonly bytes: number
  readonly read: (input: Buffer) => unknown
  readonly start: string
  readonly end: string
}

const HEADERS = { version: [], method: [], name: [] }
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":'
const GLOBS = ['**a*/**b*/*', '**/a*b*c/**', '*a*a*a', '**a**b**c**'].map((text) => compileGlob(text, 'uri'))
const FILTER = { shows: () => true, maxTtlMs: 1_000 }

const TARGETS: readonly Target[] = [
  { name: 'body', bytes: 1024 * 1024, start: CALL, end: '}}', read: (input) => readMessage(input, HEADERS) },
  {
    name: 'body from its start',
    bytes: 1024 * 1024,
    start: '',
    end: '',
    read: (input) => readMessage(input, HEADERS),
  },
  { name: 'token', bytes: 5_900, start: '', end: '', read: readToken },
  { name: 'URI', bytes: 8_192, start: 'file:///', end: '', read: readUri },
  {
    name: 'list',
    bytes: 4 * 1024 * 1024,
    start: '{"jsonrpc":"2.0","id":1,"result":{"tools":[',
    end: ']}}',
    read: (input) => filterListing(input, FILTER),
  },
  {
    name: 'outcome',
    bytes: 4 * 1024 * 1024,
    start: '{"jsonrpc":"2.0","id":1,"result":',
    end: '}',
    read: (input) => readOutcome(input),
  },
  {
    name: 'events',
    bytes: 4 * 1024 * 1024,
    start: 'data: ',
    end: '\n\n',
    read: (input) => createEventSplitter({ maxEventBytes: 16 * 1024 * 1024 }).push(input),
  },
]

/** Pieces of JSON, URIs, events and base64 that inputs are made of. */
const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\"',
    '\\\\',
    '\\u0061',
    '\\ud83d',
    '{}',
    '[]',
    '""',
    '{"a":1}',
    '"a":1',
    '"a"',
  ],
  ...[
    '0',
    '1e9',
    '-1',
    'null',
    'true',
    ' ',
    '\t',
    '\n',
    '\r',
    '\n\n',
    'data:',
    ': ',
    'é',
    'ſ',
    '😀',
    '\0',
    '\x7f',
    'a',
    'A',
    'b',
    'c',
  ],
  ...[
    '/',
    '//',
    '/.',
    '..',
    '%2e',
    '%',
    '?',
    '#',
    '{x}',
    '@',
    '"name"',
    '"isError"',
    '"isError":true',
    '"taskId"',
    '"method"',
    '#name,',
    '#',
  ],
]

function readToken(input: Buffer): unknown {
  return readJws(`eyJhbGciOiJFUzI1NiJ9.${input.toString('base64url')}.AA`)
}

function readUri(input: Buffer): unknown {
  const uri = input.toString()
  return [isJudgeableUri(uri), GLOBS.map((glob) => glob.matches(uri))]
}

/** A random generator that gives the same again for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What is repeated, with `#` for a number that counts; and what stands around it. */
interface Recipe {
  readonly before: string
  readonly unit: string
  readonly behind: string
}

/** Changes are tried at a part of the length, so that there are many. */
const SHARE = 16

function bytesOf({ start, end }: Target, bytes: number, { before, unit, behind }: Recipe): Buffer {
  const room = bytes - Buffer.byteLength(start + before + behind + end)
  const least = Math.max(1, Buffer.byteLength(unit))
  const pieces: string[] = []
  let used = 0
  for (let index = 0; used + least + 8 < room; index += 1) {
    const piece = unit.includes('#') ? unit.replaceAll('#', index.toString(36)) : unit
    used += Buffer.byteLength(piece)
    pieces.push(piece)
  }
  return Buffer.from(start + before + pieces.join('') + behind + end)
}

function changed(recipe: Recipe, random: () => number): Recipe {
  const pick = () => PIECES[Math.floor(random() * PIECES.length)] as string
  const part = (['before', 'unit', 'unit', 'unit', 'behind'] as const)[Math.floor(random() * 5)] ?? 'unit'
  const text = recipe[part]
  const at = Math.floor(random() * (text.length + 1))
  const next = [
    () => text.slice(0, at) + pick() + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1),
    () => pick(),
    () => text.slice(0, at) + pick() + text.slice(at + 1),
  ][Math.floor(random() * 4)]
  const made = next?.() ?? text
  return { ...recipe, [part]: part === 'unit' && made === '' ? 'a' : made.slice(0, 60) }
}

function timeOf(target: Target, input: Buffer, rounds: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now()
    target.read(input)
    least = Math.min(least, performance.now() - start)
  }
  return least
}

interface Found {
  readonly recipe: Recipe
  readonly ms: number
}

const STARTS: readonly Recipe[] = [
  { before: '', unit: 'a', behind: '' },
  { before: '{', unit: '"#":1,', behind: '"z":1}' },
  { before: '[', unit: '{"a":1},', behind: '1]' },
  { before: '"', unit: '\\"', behind: '"' },
  { before: '', unit: '{"name":"#"},', behind: '{}' },
]

/** Several lines of descent, of which the costliest have the most children. */
function search(
  target: Target,
  seconds: number,
  random: () => number,
): { readonly best: Found; readonly tried: number } {
  let kept: Found[] = STARTS.map((recipe) => ({ recipe, ms: 0 }))
  let tried = 0
  const until = performance.now() + seconds * 1_000
  while (performance.now() < until) {
    const parent = kept[Math.floor(random() ** 2 * kept.length)] as Found
    const recipe = changed(parent.recipe, random)
    const input = bytesOf(target, Math.max(4_096, target.bytes / SHARE), recipe)
    tried += 1
    const first = timeOf(target, input, 1)
    if (kept.length >= 20 && first <= (kept.at(-1)?.ms ?? 0)) continue
    const ms = timeOf(target, input, 3)
    kept = [...kept, { recipe, ms }].sort((one, other) => other.ms - one.ms).slice(0, 20)
  }
  const best = kept.map((found) => ({
    ...found,
    ms: timeOf(target, bytesOf(target, target.bytes, found.recipe), 5),
  }))
  return { best: best.reduce((worst, next) => (next.ms > worst.ms ? next : worst)), tried }
}

/** True when nothing that was found costs more than the limit. */
export async function searchForWorse(seconds: number): Promise<boolean> {
  const seed = Date.now() % 1_000_000
  console.log(`seed ${seed}, ${seconds} s; the worst of each reader, at its largest\n`)
  const random = randomFrom(seed)
  const worst = TARGETS.map((target) => ({ target, ...search(target, seconds / TARGETS.length, random) }))
  for (const { target, best, tried } of worst) {
    console.log(
      `${best.ms.toFixed(1).padStart(8)} ms  ${target.name}, ${tried} tried: ${JSON.stringify(best.recipe)}`,
    )
  }
  return worst.every(({ best }) => best.ms <= LIMIT_MS)
}
