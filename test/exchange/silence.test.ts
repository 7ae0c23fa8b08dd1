// One timer for the silence of all streams: each hears of it in time, and only when it was silent.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Silence } from '../../src/exchange/silence.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** Streams that begin a tenth of a second after one another, and when each was told of its silence. */
function watchMany(silence: Silence, count: number) {
  const began = Date.now()
  return Array.from({ length: count }, (_, index) => {
    const told: number[] = []
    const stream = {
      at: Date.now() - began,
      told,
      watched: silence.watch(() => told.push(Date.now() - began)),
    }
    if (index < count - 1) vi.advanceTimersByTime(100)
    return stream
  })
}

test('T26-23: a thousand silent streams have one timer, and each is told after 14 to 15 s, again and again', () => {
  const streams = watchMany(new Silence(), 1_000)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(60_000)
  for (const { at, told } of streams) {
    expect(told.length).toBeGreaterThan(2)
    for (const [index, time] of told.entries()) {
      const since = time - (told[index - 1] ?? at)
      expect(since).toBeGreaterThanOrEqual(14_000)
      expect(since).toBeLessThanOrEqual(15_000)
    }
  }
})

test('one that speaks is told only 14 to 15 s later', () => {
  const silence = new Silence()
  const [talks, silent] = watchMany(silence, 2)
  if (talks === undefined || silent === undefined) throw new Error('no streams')
  for (let second = 0; second < 40; second += 1) {
    vi.advanceTimersByTime(1_000)
    if (second % 13 === 0) silence.broken(talks.watched)
  }
  expect(talks.told).toEqual([])
  expect(silent.told.length).toBe(2)
  vi.advanceTimersByTime(15_000)
  expect(talks.told.length).toBe(1)
})

test('one that ends is told nothing more, and with the last of them the timer ends', () => {
  const silence = new Silence()
  const streams = watchMany(silence, 20)
  for (const { watched } of streams.slice(1)) silence.forget(watched)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(20_000)
  expect(streams.map(({ told }) => told.length)).toEqual([1, ...Array(19).fill(0)])
  for (const { watched } of streams) silence.forget(watched)
  expect(vi.getTimerCount()).toBe(0)
  const [again] = watchMany(silence, 1)
  vi.advanceTimersByTime(15_000)
  expect(again?.told.length).toBe(1)
})

test('one that ends while it is told, or ends another, does no harm to the rest', () => {
  const silence = new Silence()
  const told: string[] = []
  const first = silence.watch(() => {
    told.push('first')
    silence.forget(first)
    silence.forget(second)
  })
  const second = silence.watch(() => told.push('second'))
  silence.watch(() => told.push('third'))
  vi.advanceTimersByTime(30_000)
  expect(told).toEqual(['first', 'third', 'third'])
})
