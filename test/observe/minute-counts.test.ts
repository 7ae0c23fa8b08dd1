// The counts behind the charts of the console: one slot a minute, an hour of them, and what several processes counted.
import { expect, test } from 'vitest'
import type { Refusal } from '../../src/core/refusal.ts'
import { createMinuteCounts, durationAt, sumMinutes } from '../../src/observe/minute-counts.ts'

const REFUSED: Refusal = { reason: 'route_unknown' }

/** Counts with a clock that is set. */
function startCounts() {
  let at = 0
  const { record, list } = createMinuteCounts(() => at)
  return {
    list,
    setMinute(minute: number) {
      at = minute * 60_000
    },
    end: (durationMs: number, { refusal = undefined as Refusal | undefined, isStream = false } = {}) =>
      record({ refusal, isStream }, { at, durationMs }),
  }
}

test('a minute has its calls, its refusals, and how long they took, without streams that listen', () => {
  const counts = startCounts()
  counts.setMinute(1_000)
  for (let n = 0; n < 9; n += 1) counts.end(3)
  counts.end(700, { refusal: REFUSED })
  counts.end(90_000, { isStream: true })
  const [minute, ...others] = counts.list()
  expect(others).toEqual([])
  expect(minute).toMatchObject({ minute: 1_000, calls: 11, refused: 1 })
  expect(minute && durationAt(minute, 0.5)).toBe(5)
  expect(minute && durationAt(minute, 0.99)).toBe(1_000)
  expect(durationAt({ took: [0, 0] }, 0.5)).toBeUndefined()
})

test('a slot is used again an hour later, and what is older than an hour is gone', () => {
  const counts = startCounts()
  for (let minute = 0; minute < 100; minute += 1) {
    counts.setMinute(minute)
    counts.end(1)
  }
  expect(counts.list().map(({ minute, calls }) => [minute, calls])).toEqual(
    Array.from({ length: 60 }, (_, place) => [place + 40, 1]),
  )
  counts.setMinute(1_000)
  expect(counts.list()).toEqual([])
})

test('processes are added up, minute by minute', () => {
  const [one, other] = [startCounts(), startCounts()]
  one.end(3)
  other.end(3)
  other.end(40_000)
  const [sum] = sumMinutes([one.list(), other.list()])
  expect(sum).toMatchObject({ minute: 0, calls: 3 })
  expect(sum && durationAt(sum, 0.5)).toBe(5)
  expect(sum && durationAt(sum, 1)).toBe(30_000)
})
