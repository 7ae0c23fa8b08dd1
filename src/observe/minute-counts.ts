// How many requests each of the last sixty minutes had, how many were refused, and how long they took, for the charts of
// the console. A fixed number of small counters; what a scraper keeps for longer is in the metrics.
import type { Ended } from './recent-call.ts'
import type { RequestRecord } from './request-record.ts'

/** Numbers of one minute. Those of several processes are added up. */
export interface MinuteCount {
  /** Minutes since the epoch. */
  readonly minute: number
  readonly calls: number
  readonly refused: number
  /** How many took no longer than the bound of the same place in DURATION_BOUNDS_MS; the last: longer than all. */
  readonly took: readonly number[]
}

export interface MinuteCounts {
  /** Called when the exchange has ended. */
  record(record: Pick<RequestRecord, 'refusal' | 'isStream'>, ended: Ended): void
  /** Oldest first; a minute without requests is left out. */
  list(): readonly MinuteCount[]
}

export const MINUTES_KEPT = 60
/** In milliseconds, rising. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 25, 50, 100, 250],
  ...[1_000, 2_500, 5_000, 10_000, 30_000],
]

interface Slot {
  minute: number
  calls: number
  refused: number
  readonly took: Uint32Array
}

export function createMinuteCounts(now: () => number = Date.now): MinuteCounts {
  const slots = Array.from({ length: MINUTES_KEPT }, (): Slot => {
    return { minute: -1, calls: 0, refused: 0, took: new Uint32Array(DURATION_BOUNDS_MS.length + 1) }
  })
  const slotAt = (minute: number): Slot => {
    const slot = slots[minute % MINUTES_KEPT] as Slot
    if (slot.minute === minute) return slot
    slot.took.fill(0)
    return Object.assign(slot, { minute, calls: 0, refused: 0 })
  }
  return {
    record({ refusal, isStream }, { at, durationMs }) {
      const slot = slotAt(minuteOf(at))
      slot.calls += 1
      if (refusal !== undefined) slot.refused += 1
      if (isStream) return // how long it listened says nothing about an answer
      const place = placeOf(durationMs)
      slot.took[place] = (slot.took[place] ?? 0) + 1
    },
    list() {
      const oldest = Math.max(0, minuteOf(now()) - MINUTES_KEPT + 1)
      return slots
        .filter(({ minute }) => minute >= oldest)
        .sort((one, other) => one.minute - other.minute)
        .map((slot) => ({ ...slot, took: [...slot.took] }))
    },
  }
}

export function minuteOf(epochMs: number): number {
  return Math.floor(epochMs / 60_000)
}

function placeOf(ms: number): number {
  let place = 0
  while (place < DURATION_BOUNDS_MS.length && ms > (DURATION_BOUNDS_MS[place] as number)) place += 1
  return place
}

/** The counts of several processes as one. */
export function sumMinutes(all: readonly (readonly MinuteCount[])[]): readonly MinuteCount[] {
  const sums = new Map<number, MinuteCount>()
  for (const count of all.flat()) {
    const known = sums.get(count.minute)
    sums.set(count.minute, known === undefined ? count : added(known, count))
  }
  return [...sums.values()].sort((one, other) => one.minute - other.minute)
}

function added(one: MinuteCount, other: MinuteCount): MinuteCount {
  return {
    minute: one.minute,
    calls: one.calls + other.calls,
    refused: one.refused + other.refused,
    took: one.took.map((count, place) => count + (other.took[place] ?? 0)),
  }
}

/** The bound that so large a part of them did not take longer than, in milliseconds; undefined where there are none. */
export function durationAt({ took }: Pick<MinuteCount, 'took'>, part: number): number | undefined {
  const all = took.reduce((sum, count) => sum + count, 0)
  if (all === 0) return undefined
  let seen = 0
  const place = took.findIndex((count) => {
    seen += count
    return seen >= all * part
  })
  return DURATION_BOUNDS_MS[place] ?? DURATION_BOUNDS_MS.at(-1)
}
