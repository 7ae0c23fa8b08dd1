// Frames that are sent again after a connection ended: those of the last 15 seconds, and at most 4 MiB.
import { expect, test } from 'vitest'
import { createRecentFrames } from '../../../src/observe/syslog/recent-frames.ts'

test('what is older is taken for read', () => {
  let now = 0
  const recent = createRecentFrames(() => now)
  recent.add(['a', 'b'])
  now = 10_000
  recent.add(['c'])
  expect(recent.all()).toEqual(['a', 'b', 'c'])
  now = 15_001
  expect(recent.all()).toEqual(['c']) // and it stays, with the time when it was first sent
  expect(recent.all()).toEqual(['c'])
  now = 25_001
  expect(recent.all()).toEqual([])
})

test('the oldest give way to what is more than 4 MiB', () => {
  const recent = createRecentFrames(() => 0)
  const frame = 'x'.repeat(1024 * 1024)
  for (const name of ['a', 'b', 'c', 'd', 'e']) recent.add([name + frame])
  expect(recent.all().map((kept) => kept[0])).toEqual(['c', 'd', 'e'])
})
