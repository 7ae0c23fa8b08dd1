// One moment that is moved again and again, on a clock that tests move.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDeadline } from '../../src/upstream/deadline.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

function scene() {
  const passed: number[] = []
  const deadline = createDeadline(() => passed.push(performance.now()))
  const begin = performance.now()
  return { deadline, passed: () => passed.map((at) => at - begin) }
}

test('it passes once, at its time', () => {
  const { deadline, passed } = scene()
  deadline.set(100)
  vi.advanceTimersByTime(1_000)
  expect(passed()).toEqual([100])
})

test('moved later, it passes later, and no timer is set anew', () => {
  const { deadline, passed } = scene()
  deadline.set(100)
  for (let i = 0; i < 10; i += 1) {
    vi.advanceTimersByTime(50)
    deadline.set(100)
    expect(vi.getTimerCount()).toBe(1)
  }
  expect(passed()).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(passed()).toEqual([600])
})

test('moved earlier, it passes earlier', () => {
  const { deadline, passed } = scene()
  deadline.set(1_000)
  deadline.set(10)
  vi.advanceTimersByTime(2_000)
  expect(passed()).toEqual([10])
})

test('cleared, it does not pass; set again, it does', () => {
  const { deadline, passed } = scene()
  deadline.set(100)
  deadline.clear()
  vi.advanceTimersByTime(500)
  expect(passed()).toEqual([])
  deadline.set(100)
  vi.advanceTimersByTime(500)
  expect(passed()).toEqual([600])
})
