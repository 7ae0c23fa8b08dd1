// Judges when a token is good. Everything is in epoch seconds; the clock is an argument.
import type { JsonObject } from '../lib/strict-json.ts'
import { type Rejected, reject } from './reject.ts'

export interface TimeRules {
  readonly nowSeconds: number
  readonly leewaySeconds: number
  readonly maxLifetimeSeconds: number
}

/** Judges everything but expiry, which comes last, so that only an otherwise good token counts as expired (CHL-12). */
export function timeFault(claims: JsonObject, rules: TimeRules): Rejected | undefined {
  const { nowSeconds, leewaySeconds, maxLifetimeSeconds } = rules
  const { exp, nbf, iat } = claims
  if (!isTime(exp)) return reject('expiry', 'exp is missing or not a time') // J26, J27, J28
  for (const start of [nbf, iat]) {
    if (start === undefined) continue
    if (!isTime(start)) return reject('not_before', 'nbf or iat is not a time') // J31
    if (start > nowSeconds + leewaySeconds) return reject('not_before', 'not valid yet')
  }
  const from = iat === undefined ? nowSeconds : (iat as number)
  if (exp - from > maxLifetimeSeconds) return reject('lifetime', 'it lives longer than allowed') // J29
  return undefined
}

/** RFC 7519 §4.1.4; J30 sets the exact edges of the leeway. */
export function isExpired(exp: number, nowSeconds: number, leewaySeconds: number): boolean {
  return exp + leewaySeconds < Math.floor(nowSeconds)
}

/** J28: `1e999` parses to Infinity, and a number beyond 2^53 is not the one that was written. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER
}
