// Turns for large work: callers in turn, one piece at a time, and room for others after each.
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLargeWork } from '../../src/limits/large-work.ts'

const LARGE = 1 << 20

test('small work needs no turn', () => {
  expect(createLargeWork().turn('a', 32_767)).toBe(undefined)
})

test('D91 callers take turns, whoever came with how much', async () => {
  const work = createLargeWork()
  const order: string[] = []
  const pieces = ['a1', 'a2', 'a3', 'b1'].map((piece) =>
    work.turn(piece.slice(0, 1), LARGE)?.then(() => order.push(piece)),
  )
  await Promise.all(pieces)
  expect(order).toEqual(['a1', 'a2', 'b1', 'a3']) // the first went at once, when nobody else was there
})

test('D91 after a piece of work the loop is left to others for three times as long', async () => {
  const work = createLargeWork()
  let turns = 0
  let isOver = false
  const watch = async () => {
    while (!isOver) {
      await turnOfLoop()
      turns += 1
    }
  }
  const first = work.turn('a', LARGE)?.then(() => keepBusy(20))
  const second = work.turn('a', LARGE)?.then(() => performance.now())
  const watched = watch()
  await first
  const [endedMs, turnsBefore] = [performance.now(), turns]
  const startedMs = (await second) as number
  isOver = true
  await watched
  expect(startedMs - endedMs).toBeGreaterThan(55)
  expect(turns - turnsBefore).toBeGreaterThan(3)
})

function keepBusy(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}
