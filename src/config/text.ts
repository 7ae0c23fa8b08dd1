// Parsers of the small texts a configuration is made of: durations, sizes, rates. Each returns undefined for what it
// does not read; ranges and words for the user are in scalars.ts.
import type { Rate } from '../core/rate.ts'

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }
const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 }

export const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/
export const SIZE = /^(\d{1,9})(B|KiB|MiB|GiB)$/
export const RATE = /^([1-9]\d{0,6})\/([1-9]\d?)?(s|min|h|d)$/

/** `30s` → 30000 milliseconds. */
export function parseDuration(text: string): number | undefined {
  return parse(DURATION, MS, text)
}

/** `4MiB` → 4194304 bytes. */
export function parseSize(text: string): number | undefined {
  return parse(SIZE, BYTES, text)
}

/** `10/min` → ten in sixty seconds; `300/15min` → three hundred in nine hundred. */
export function parseRate(text: string): Rate | undefined {
  const match = RATE.exec(text)
  const unit = SECONDS[match?.[3] ?? '']
  if (match === null || unit === undefined) return undefined
  return { count: Number(match[1]), seconds: unit * Number(match[2] ?? 1) }
}

function parse(form: RegExp, units: Readonly<Record<string, number>>, text: string): number | undefined {
  const match = form.exec(text)
  const unit = units[match?.[2] ?? '']
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}
