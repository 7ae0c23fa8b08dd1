// A thousand random damages to an anchored audit, of every kind that somebody who can write the files can do: each is found.
// The seed stands in the test, so that a damage that was missed can be looked at again.
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'
import { GENESIS, lineDigest, linkedLine, readLink } from '../../../src/observe/chain/link.ts'
import { verifyAudit } from '../../../src/observe/verify/verify.ts'
import { chainedFolder, eventOf } from '../chain/chained-audit.ts'

const DAMAGES = 1_000
const SEED = 20_261_201
const FILES = ['audit.jsonl.2.gz', 'audit.jsonl.1', 'audit.jsonl'] as const
const LINES = 25

type Audit = Map<string, Buffer>

/** Three files of one chain, rotated twice, with checkpoints between; the last line of all is anchored. */
async function writeAudit() {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const chained = chainedFolder()
  const audit = chained.open()
  const files: Audit = new Map()
  for (const name of FILES) {
    for (let number = 0; number < LINES; number += 1) {
      audit.event(eventOf(number))
      if (number % 12 === 11) vi.advanceTimersByTime(60_000)
    }
    if (name === 'audit.jsonl') await audit.close()
    else {
      renameSync(chained.file, join(chained.folder, name))
      audit.reopen()
    }
    files.set(name, readFileSync(join(chained.folder, name)))
  }
  return { files, chained }
}

/** Mulberry32: the same numbers for the same seed. */
function createChance(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (limit: number) => Math.floor(next() * limit) }
}
type Chance = ReturnType<typeof createChance>

const linesIn = (bytes: Buffer) => bytes.toString('utf8').split('\n').slice(0, -1)
const textOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))
const FOREIGN_KEY = generateKeyPairSync('ed25519').privateKey

/** A chain over the same events that fits together, from `from` on. */
function rechained(lines: readonly string[], from: number, chain: string | undefined): string[] {
  const before = from === 0 ? undefined : (lines[from - 1] as string)
  let prev = before === undefined ? GENESIS : lineDigest(before)
  return lines.map((line, index) => {
    if (index < from) return line
    const { chain: own, seq, prev: _prev, foreign: _foreign, sig, ...members } = JSON.parse(line)
    const link = { chain: chain ?? own, seq: chain === undefined ? seq : index + 1, prev, foreign: undefined }
    const linked = linkedLine(`${JSON.stringify(members)}\n`, link)
    const signature = sign(null, Buffer.from(linked), FOREIGN_KEY).toString('base64url')
    const whole = sig === undefined ? linked : `${linked.slice(0, -1)},"sig":"${signature}"}`
    prev = lineDigest(whole)
    return whole
  })
}

const DAMAGE_KINDS: Readonly<Record<string, (bytes: Buffer, chance: Chance) => Buffer | undefined>> = {
  bit(bytes, { below }) {
    const damaged = Buffer.from(bytes)
    const at = below(bytes.length)
    damaged[at] = (damaged[at] as number) ^ (1 << below(8))
    return damaged
  },
  bytesRemoved(bytes, { below }) {
    const at = below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(400))])
  },
  bytesAdded(bytes, { below }) {
    const at = below(bytes.length)
    const more = Buffer.from(Array.from({ length: 1 + below(40) }, () => below(256)))
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  },
  lineRemoved(bytes, { below }) {
    const lines = linesIn(bytes)
    return textOf(lines.toSpliced(below(lines.length), 1 + below(3)))
  },
  lineTwice(bytes, { below }) {
    const lines = linesIn(bytes)
    return textOf(lines.toSpliced(below(lines.length), 0, lines[below(lines.length)] as string))
  },
  lineAdded(bytes, { below }) {
    const lines = linesIn(bytes)
    const made = ['', '{"stream":"audit","event":"decision"}', 'no JSON'][below(3)] as string
    return textOf(lines.toSpliced(below(lines.length), 0, made))
  },
  /** One that fits to the line before it. */
  lineForged(bytes, { below }) {
    const lines = linesIn(bytes)
    const at = 1 + below(lines.length - 1)
    const { chain, seq } = readLink(lines[at] as string) ?? { chain: '', seq: 0 }
    const prev = lineDigest(lines[at - 1] as string)
    const forged = linkedLine('{"stream":"audit","event":"forged"}\n', {
      chain,
      seq,
      prev,
      foreign: undefined,
    })
    return textOf(lines.toSpliced(at, below(2), forged))
  },
  order(bytes, { below }) {
    const lines = linesIn(bytes)
    const [one, other] = [below(lines.length), below(lines.length)]
    return textOf(lines.with(one, lines[other] as string).with(other, lines[one] as string))
  },
  /** Everything from a changed line on is written anew, so that it fits together, signed with another key. */
  writtenAnew(bytes, { below }) {
    const lines = linesIn(bytes)
    const at = below(lines.length)
    const changed = lines.with(at, (lines[at] as string).replace('"time":"2', '"time":"1'))
    return textOf(rechained(changed, at, undefined))
  },
  ownChain: (bytes) => textOf(rechained(linesIn(bytes), 0, 'AAAAAAAAAAAAAAAAAAAAAA')),
  endCut: (bytes, { below }) => bytes.subarray(0, below(bytes.length)),
  startCut(bytes, { below }) {
    const lines = linesIn(bytes)
    return textOf(lines.slice(1 + below(lines.length - 1)))
  },
  fileGone: () => undefined,
}

test(`${DAMAGES} random damages to an anchored, chained audit are all found`, {
  timeout: 120_000,
}, async () => {
  const { files, chained } = await writeAudit()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-damages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const place = (name: string) => join(folder, name)
  const put = (name: string, bytes: Buffer) =>
    writeFileSync(place(name), name.endsWith('.gz') ? gzipSync(bytes, { level: 1 }) : bytes)
  const options = { keys: [chained.key()], anchors: [chained.anchor], isPartial: false }
  const verify = (names: readonly string[]) => verifyAudit({ ...options, files: names.map(place) })
  for (const [name, bytes] of files) put(name, bytes)
  const whole = await verify(FILES)
  expect(whole.faults).toEqual([])
  expect(whole.chains).toMatchObject([
    { lines: whole.chains[0]?.lastSeq, anchored: { seq: whole.chains[0]?.lastSeq } },
  ])

  const chance = createChance(SEED)
  const kinds = Object.entries(DAMAGE_KINDS)
  const counts = new Map<string, number>()
  while ([...counts.values()].reduce((sum, count) => sum + count, 0) < DAMAGES) {
    const [kind, damage] = kinds[chance.below(kinds.length)] as (typeof kinds)[number]
    const name = FILES[chance.below(FILES.length)] as string
    const original = files.get(name) as Buffer
    const bytes = damage(original, chance)
    if (bytes?.equals(original)) continue // two equal lines were exchanged
    if (bytes !== undefined) put(name, bytes)
    const nth = counts.get(kind) ?? 0
    counts.set(kind, nth + 1)
    const given = bytes === undefined ? FILES.filter((other) => other !== name) : FILES
    expect((await verify(given)).faultCount, `${kind} ${nth} in ${name}`).toBeGreaterThan(0)
    put(name, original)
  }
  expect(counts.size).toBe(kinds.length)
})
