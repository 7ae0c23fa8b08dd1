// When a worker that died is replaced.
import { expect, test } from 'vitest'
import { createRestarts } from '../../src/workers/restart-delay.ts'

test('at once after a long life; ever later after short ones, and never later than half a minute', () => {
  const restarts = createRestarts()
  expect(restarts.died(3_600_000)).toBe(0)
  const waits = Array.from({ length: 9 }, () => restarts.died(1_000))
  expect(waits).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect(restarts.deaths).toBe(10)
})

test('three short lives in a row are a loop, which a long one or a reload ends', () => {
  const restarts = createRestarts()
  const isLoop = [1, 2, 3].map(() => {
    restarts.died(10)
    return restarts.isLoop
  })
  expect(isLoop).toEqual([false, false, true])
  restarts.forgive()
  expect(restarts.isLoop).toBe(false)
  for (let index = 0; index < 3; index += 1) restarts.died(10)
  restarts.died(60_000)
  expect(restarts.isLoop).toBe(false)
})
