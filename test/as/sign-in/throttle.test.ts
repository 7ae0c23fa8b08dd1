// How often a sign-in may be tried: over a real store, with a clock that is moved.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createThrottle, type Throttle } from '../../../src/as/sign-in/throttle.ts'
import { openStore, type SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'

const START = 1_800_000_000_000
const HOUR_MS = 60 * 60_000
const folder = mkdtempSync(join(tmpdir(), 'portcullis-throttle-'))

let now: number
let store: SqliteStore
let throttle: Throttle
beforeEach(async () => {
  now = START
  await open(':memory:')
})
afterEach(() => store.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function open(file: string): Promise<void> {
  store = await openStore(file, { secret: Buffer.alloc(32, 7), clock: { now: () => now } })
  throttle = createThrottle(store)
}

/** Tries until one must wait; how many were free, and how long the wait is. */
async function exhaust(name: (index: number) => string, address: (index: number) => string) {
  for (let free = 0; free < 1_000; free++) {
    const waitMs = await throttle.take(name(free), address(free))
    if (waitMs !== undefined) return { free, waitMs }
  }
  throw new Error('never locked')
}

const rows: [string, (index: number) => string, (index: number) => string, number][] = [
  ['one name from one address', () => 'alice', () => '192.0.2.1', 5],
  ['one name from many addresses', () => 'alice', (index) => `192.0.2.${index}`, 25],
  ['many names from one address', (index) => `user-${index}`, () => '192.0.2.1', 50],
  [
    'the same name in other spellings',
    (index) => (index % 2 === 0 ? 'ALICE' : 'ａｌｉｃｅ'),
    () => '192.0.2.1',
    5,
  ],
  ['one name from one network of IPv6', () => 'alice', (index) => `2001:db8:1:2:${index}::1`, 5],
  [
    'many names from one network of IPv6',
    (index) => `user-${index}`,
    (index) => `2001:db8:1:2::${index}`,
    50,
  ],
]
test.each(rows)('%s: %#', async (_name, name, address, free) => {
  expect(await exhaust(name, address)).toEqual({ free, waitMs: 15_000 })
})

test('each failure after a lock doubles it, up to a quarter of an hour', async () => {
  const waits: number[] = []
  for (let index = 0; index < 5; index++) await throttle.take('alice', 'a')
  for (let index = 0; index < 8; index++) {
    const waitMs = (await throttle.take('alice', 'a')) ?? 0
    waits.push(waitMs / 1_000)
    now += waitMs
    expect(await throttle.take('alice', 'a')).toBeUndefined()
  }
  expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900, 900])
})

test('a try while locked is not counted, so that waiting is enough', async () => {
  for (let index = 0; index < 100; index++) await throttle.take('alice', 'a')
  now = START + 14_999
  expect(await throttle.take('alice', 'a')).toBe(1)
  now = START + 15_000
  expect(await throttle.take('alice', 'a')).toBeUndefined()
})

test('a right one frees the name, and gives the address its try back', async () => {
  for (let round = 0; round < 200; round++) {
    expect(await throttle.take('alice', 'a')).toBeUndefined()
    await throttle.succeed('alice', 'a')
  }
})

test('a right one does not free other names of the address', async () => {
  for (let index = 0; index < 49; index++) await throttle.take(`user-${index}`, 'a')
  await throttle.take('mine', 'a')
  await throttle.succeed('mine', 'a')
  expect(await throttle.take('user-50', 'a')).toBeUndefined()
  expect(await throttle.take('user-51', 'a')).toBe(15_000)
})

test('failures are forgotten after an hour', async () => {
  for (let index = 0; index < 5; index++) await throttle.take('alice', 'a')
  now = START + HOUR_MS + 1
  for (let index = 0; index < 5; index++) expect(await throttle.take('alice', 'a')).toBeUndefined()
  expect(await throttle.take('alice', 'a')).toBe(15_000)
})

describe('strangers who guess at a name', () => {
  const guess = () =>
    exhaust(
      () => 'alice',
      (index) => `203.0.113.${index}`,
    )

  test('do not lock its person out where they signed in before, for a month', async () => {
    await throttle.take('alice', '192.0.2.1')
    await throttle.succeed('alice', '192.0.2.1')
    await guess()
    expect(await throttle.take('alice', '192.0.2.1')).toBeUndefined()
    expect(await throttle.take('alice', '192.0.2.2')).toBeGreaterThan(0)
    now += 30 * 24 * HOUR_MS
    await guess()
    expect(await throttle.take('alice', '192.0.2.1')).toBe(15_000)
  })

  test('and a guess from that address counts there as everywhere', async () => {
    await throttle.take('alice', '192.0.2.1')
    await throttle.succeed('alice', '192.0.2.1')
    expect(
      (
        await exhaust(
          () => 'alice',
          () => '192.0.2.1',
        )
      ).free,
    ).toBe(5)
  })
})

describe('a restart', () => {
  test.each(rows)('sets nobody free: %s', async (_name, name, address) => {
    const file = join(folder, `${Math.random()}.sqlite`)
    await store.close()
    await open(file)
    const { free } = await exhaust(name, address)
    await store.close()
    await open(file)
    expect(await throttle.take(name(free), address(free))).toBe(15_000)
    now += 15_000
    expect(await throttle.take(name(free), address(free))).toBeUndefined()
  })

  test('K: what was typed as a name stands in no file', async () => {
    await store.close()
    await open(join(folder, 'typed.sqlite'))
    await throttle.take('correct horse battery', '192.0.2.1')
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name)).includes('correct horse')).toBe(false)
  })
})

test('a flood of other names hides no lock, and the table stays bounded', async () => {
  await exhaust(
    () => 'alice',
    () => '192.0.2.1',
  )
  const tooMany = 7_000 // three counts each
  for (let index = 0; index < tooMany; index++)
    await throttle.take(`user-${index}`, `10.${index >> 14}.${(index >> 7) & 127}.${index & 127}`)
  expect(await throttle.take('alice', '192.0.2.1')).toBe(15_000)
  const size = store.database.prepare(`SELECT count(*) AS n FROM tallies WHERE kind = 'sign-in'`).get()?.['n']
  expect(size).toBeGreaterThan(10_000)
  expect(size).toBeLessThanOrEqual(20_000)
})

test('a clock that was years ahead locks nobody until then, and one that went back a little sets nobody free', async () => {
  now = START + 10 * 365 * 24 * HOUR_MS
  await exhaust(
    () => 'alice',
    () => '192.0.2.1',
  )
  now = START
  const { waitMs } = await exhaust(
    () => 'alice',
    () => '192.0.2.1',
  )
  expect(waitMs).toBe(15_000)
  now = START - 60_000
  expect(await throttle.take('alice', '192.0.2.1')).toBe(75_000)
})
