// How often a sign-in may be tried. Time is an argument.
import { expect, test } from 'vitest'
import { createThrottle } from '../../../src/as/sign-in/throttle.ts'

const START = 1_800_000_000_000

/** Tries until one must wait; how many were free, and how long the wait is. */
function exhaust(
  name: (index: number) => string,
  address: (index: number) => string,
  throttle = createThrottle(),
) {
  for (let free = 0; free < 1_000; free++) {
    const waitMs = throttle.take(name(free), address(free), START)
    if (waitMs !== undefined) return { free, waitMs }
  }
  throw new Error('never locked')
}

const rows: [string, (index: number) => string, (index: number) => string, number][] = [
  ['one name from one address', () => 'alice', () => '192.0.2.1', 5],
  ['one name from many addresses', () => 'alice', (index) => `192.0.2.${index}`, 25],
  ['many names from one address', (index) => `user-${index}`, () => '192.0.2.1', 50],
  ['many names from one IPv6 network', (index) => `user-${index}`, (index) => `2001:db8::${index}`, 50],
  [
    'the same name in other spellings',
    (index) => (index % 2 === 0 ? 'ALICE' : 'ａｌｉｃｅ'),
    () => '192.0.2.1',
    5,
  ],
]
test.each(rows)('%s: %#', (_name, name, address, free) => {
  expect(exhaust(name, address)).toEqual({ free, waitMs: 15_000 })
})

test('each failure after a lock doubles it, up to a quarter of an hour', () => {
  const throttle = createThrottle()
  const waits: number[] = []
  let now = START
  for (let index = 0; index < 5; index++) throttle.take('alice', 'a', now)
  for (let index = 0; index < 8; index++) {
    const waitMs = throttle.take('alice', 'a', now) ?? 0
    waits.push(waitMs / 1_000)
    now += waitMs
    expect(throttle.take('alice', 'a', now)).toBeUndefined()
  }
  expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900, 900])
})

test('a try while locked is not counted, so that waiting is enough', () => {
  const throttle = createThrottle()
  for (let index = 0; index < 100; index++) throttle.take('alice', 'a', START)
  expect(throttle.take('alice', 'a', START + 14_999)).toBe(1)
  expect(throttle.take('alice', 'a', START + 15_000)).toBeUndefined()
})

test('a right one frees the name, and gives the address its try back', () => {
  const throttle = createThrottle()
  for (let round = 0; round < 200; round++) {
    expect(throttle.take('alice', 'a', START)).toBeUndefined()
    throttle.succeed('alice', 'a', START)
  }
})

test('a right one does not free other names of the address', () => {
  const throttle = createThrottle()
  for (let index = 0; index < 49; index++) throttle.take(`user-${index}`, 'a', START)
  throttle.take('mine', 'a', START)
  throttle.succeed('mine', 'a', START)
  expect(throttle.take('user-50', 'a', START)).toBeUndefined()
  expect(throttle.take('user-51', 'a', START)).toBe(15_000)
})

test('failures are forgotten after an hour', () => {
  const throttle = createThrottle()
  for (let index = 0; index < 5; index++) throttle.take('alice', 'a', START)
  const later = START + 60 * 60_000 + 1
  for (let index = 0; index < 5; index++) expect(throttle.take('alice', 'a', later)).toBeUndefined()
  expect(throttle.take('alice', 'a', later)).toBe(15_000)
})
