// Schemas of single values: durations, sizes, rates, names, scopes, secrets. They say what was expected; they never
// repeat a value that could be a secret.
import { z } from 'zod'
import type { Rate } from '../core/rate.ts'
import { isScopeToken } from '../core/scopes.ts'
import { Secret } from '../core/secret.ts'
import { DURATION, parseDuration, parseRate, parseSize, RATE, SIZE } from './text.ts'

/** A duration between two others, as milliseconds. */
export function milliseconds(least: string, most: string) {
  const words = `expected a duration from ${least} to ${most}, such as 30s, 10m or 24h`
  return z
    .string(words)
    .regex(DURATION, { error: words, abort: true })
    .refine((text) => within(parseDuration(text), parseDuration(least), parseDuration(most)), words)
    .transform((text) => parseDuration(text) ?? 0)
}

/** A duration between two others, as seconds. */
export function seconds(least: string, most: string) {
  return milliseconds(least, most).transform((ms) => ms / 1000)
}

/** A size between two others, as bytes. */
export function bytes(least: string, most: string) {
  const words = `expected a size from ${least} to ${most}, such as 512KiB or 4MiB`
  return z
    .string(words)
    .regex(SIZE, { error: words, abort: true })
    .refine((text) => within(parseSize(text), parseSize(least), parseSize(most)), words)
    .transform((text) => parseSize(text) ?? 0)
}

const RATE_WORDS =
  'expected a rate such as 10/min or 300/15min: a count of 1 to 9999999, then /s, /min, /h or /d'
export const rate = z
  .string(RATE_WORDS)
  .regex(RATE, RATE_WORDS)
  .transform((text): Rate => parseRate(text) ?? { count: 1, seconds: 1 })

export function count(least: number, most: number) {
  return z.int(`expected a whole number from ${least} to ${most}`).min(least).max(most)
}

const PERCENT_WORDS = 'expected a part from 1% to 100%, such as 25%'
/** `25%` → 0.25. */
export const percent = z
  .string(PERCENT_WORDS)
  .regex(/^(?:[1-9]\d?|100)%$/, PERCENT_WORDS)
  .transform((text) => Number.parseInt(text, 10) / 100)

function within(value: number | undefined, least = 0, most = 0): boolean {
  return value !== undefined && value >= least && value <= most
}

const HASH_WORDS = 'expected sha256: and 64 hex digits in lower case; make it with portcullis hash-key'
/** The hash of a random key. `sha256:…` → the hex digits. */
export const keyHash = z
  .string(HASH_WORDS)
  .regex(/^sha256:[0-9a-f]{64}$/, HASH_WORDS)
  .transform((text) => text.slice('sha256:'.length))

/** Text that is not empty and fits on a line. */
export const text = z.string().min(1).max(2048)

const NAME_WORDS = 'expected a name of letters, digits, dots, hyphens and underscores, at most 64 long'
export const name = z.string(NAME_WORDS).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, NAME_WORDS)

const SCOPE_WORDS = 'expected one scope: visible ASCII without spaces, quotes or backslashes'
/** RFC 6749 §3.3 */
export const scope = z.string(SCOPE_WORDS).refine(isScopeToken, SCOPE_WORDS)

export const scopeList = z.array(scope).min(1)

export const secret = z
  .custom<Secret>((value) => value instanceof Secret, 'expected text: ${VAR} or file:/run/secrets/name')
  .meta({ type: 'string', secret: true })

/** A file named as `file:/path`; the value is its path. */
export const pemPath = z.string('expected file:/path/to/file.pem')
