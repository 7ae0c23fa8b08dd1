// The keys of assertions on the disk: made once, whoever is first; rotated so that none signs before it was published; and
// what is no such file is refused with a sentence.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type AssertionKeys, openAssertionKeys } from '../../src/assertions/assertion-keys.ts'
import { PUBLISHED_AFTER_SECONDS, PUBLISHED_AHEAD_SECONDS } from '../../src/assertions/rotation.ts'
import type { AssertionAlgorithm } from '../../src/core/settings-upstream-auth.ts'
import { lockFile } from '../../src/lib/file-lock.ts'

const DAY = 86_400
const START = 1_796_000_000

interface Opened extends AssertionKeys {
  readonly problems: readonly string[]
  /** Kids of the published keys, in order. */
  kids(): readonly string[]
  /** The kid that signs. */
  signs(): string
  /** Sets the clock, and looks. */
  at(seconds: number): void
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'portcullis-assertion-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function open(file: string, algorithm: AssertionAlgorithm = 'ES256'): Opened {
  const problems: string[] = []
  let seconds = START
  const keys = openAssertionKeys({
    settings: { file, algorithm, rotateMs: 30 * DAY * 1_000 },
    report: (problem) => problems.push(problem),
    now: () => seconds * 1_000,
  })
  onTestFinished(keys.close)
  return {
    ...keys,
    problems,
    kids: () => (JSON.parse(keys.published()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid),
    signs: () => keys.signing(seconds).kid,
    at(now) {
      seconds = now
      keys.look()
    },
  }
}

test('made on first use, for its owner alone, and the same afterwards', () => {
  const file = join(folder(), 'deep', 'keys.json')
  const first = open(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(first.kids()).toEqual([first.signs()])
  expect(open(file).kids()).toEqual(first.kids())
  expect(first.published()).not.toContain('"d"')
})

test('a key is published before it signs, and after the next one has taken over', () => {
  const keys = open(join(folder(), 'keys.json'))
  const before = keys.signs()
  const due = START + 30 * DAY - PUBLISHED_AHEAD_SECONDS
  keys.at(due - 1)
  expect(keys.kids()).toEqual([before])
  keys.at(due)
  expect(keys.kids()).toEqual([before, expect.any(String)])
  expect(keys.signs()).toBe(before)
  keys.at(due + PUBLISHED_AHEAD_SECONDS)
  const after = keys.signs()
  expect(after).toBe(keys.kids()[1])
  expect(keys.kids()).toEqual([before, after])
  keys.at(due + PUBLISHED_AHEAD_SECONDS + PUBLISHED_AFTER_SECONDS)
  expect(keys.kids()).toEqual([after])
})

test('one rotation for all processes of one file', () => {
  const file = join(folder(), 'keys.json')
  const all = [open(file), open(file), open(file)]
  for (const keys of all) keys.at(START + 30 * DAY)
  for (const keys of all) keys.at(START + 30 * DAY + 60)
  expect(new Set(all.map((keys) => keys.kids().join()))).toHaveLength(1)
  expect(all[0]?.kids()).toHaveLength(2)
})

test('while another process writes, the keys stay, and come at the next look', () => {
  const file = join(folder(), 'keys.json')
  const keys = open(file)
  const unlock = lockFile(`${file}.lock`)
  keys.at(START + 30 * DAY)
  expect(keys.kids()).toHaveLength(1)
  unlock?.()
  keys.at(START + 30 * DAY + 60)
  expect(keys.kids()).toHaveLength(2)
})

test('keys that cannot be written are told once, and go on', () => {
  const file = join(folder(), 'keys.json')
  const keys = open(file)
  const kids = keys.kids()
  rmSync(`${file}.lock`, { force: true })
  mkdirSync(`${file}.lock`)
  keys.at(START + 30 * DAY)
  keys.at(START + 30 * DAY + 60)
  expect(keys.problems).toEqual([expect.stringMatching(/^assertions\.keys: .* cannot be written/)])
  expect(keys.kids()).toEqual(kids)
})

test('another algorithm in the file is a rotation', () => {
  const file = join(folder(), 'keys.json')
  const old = open(file)
  const keys = open(file, 'EdDSA')
  expect(keys.signs()).toBe(old.signs())
  keys.at(START + PUBLISHED_AHEAD_SECONDS)
  expect(keys.signing(START + PUBLISHED_AHEAD_SECONDS).algorithm).toBe('EdDSA')
})

test.each([
  ['no JSON', '{', 'holds no keys of assertions'],
  ['no keys', '{"keys":[]}', 'holds no keys of assertions'],
  [
    'a public key',
    '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b","kid":"a","alg":"ES256","nbf":1}]}',
    'holds no keys',
  ],
  [
    'another kind of key',
    '{"keys":[{"kty":"oct","k":"AAAA","kid":"a","alg":"HS256","nbf":1}]}',
    'holds no keys',
  ],
])('%s is refused, without what is in it', (_name, text, words) => {
  const file = join(folder(), 'keys.json')
  writeFileSync(file, text, { mode: 0o600 })
  expect(() => open(file)).toThrow(`assertions.keys: ${file} ${words}`)
})

test('a link to nothing is told as such', () => {
  const file = join(folder(), 'keys.json')
  symlinkSync(`${file}.gone`, file)
  expect(() => open(file)).toThrow(`assertions.keys: ${file} cannot be written (a link to nothing)`)
})

test('a file that others may read is refused', () => {
  const file = join(folder(), 'keys.json')
  open(file)
  chmodSync(file, 0o644)
  expect(() => open(file)).toThrow(
    `assertions.keys: ${file} cannot be used: others may read it; chmod 600 it, and use a new key`,
  )
})

test('a file that goes bad is told once, and the keys that were read go on', () => {
  const file = join(folder(), 'keys.json')
  const keys = open(file)
  const kept = readFileSync(file)
  const kids = keys.kids()
  writeFileSync(file, '{')
  keys.at(START + 60)
  keys.at(START + 120)
  expect(keys.problems).toEqual([expect.stringContaining('holds no keys of assertions')])
  expect(keys.kids()).toEqual(kids)
  writeFileSync(file, kept)
  keys.at(START + 180)
  expect(keys.problems).toHaveLength(1)
})

test('a folder that cannot be written is told with its setting', () => {
  const file = join(folder(), 'taken')
  writeFileSync(file, '')
  expect(() => open(join(file, 'keys.json'))).toThrow(/^assertions\.keys: .* cannot be used: ENOTDIR/)
})
