// Limits what an answer tells the caches of a client (SEP-2549, SCP-04, L12): an answer is private to its caller, and
// is not kept longer than the token is good. It adds no hint where a server gave none. envelope-reader.ts and
// listing.ts find the hints; this file says what replaces them.
import { foldName } from './member-names.ts'

const HINTS: ReadonlySet<string> = new Set(['cachescope', 'ttlms'])

/** Whether a decoder, even one that folds names, reads a hint under this name. */
export function isHintName(name: string): boolean {
  return HINTS.has(foldName(name))
}

/** Returns, as JSON text, the hint that a client gets instead of `value`, which is JSON text too. */
export function hintInstead(name: string, value: string, maxTtlMs: number): string {
  if (foldName(name) === 'cachescope') return '"private"'
  const isLonger = Number(value) > maxTtlMs // NaN for anything but a number, which is no hint
  return isLonger ? String(Math.max(0, Math.floor(maxTtlMs))) : value
}

/**
 * Whether a document may hold a hint at all. `text` holds its bytes as latin1, in which a letter beyond ASCII takes
 * several characters.
 */
export function mayHint(text: string): boolean {
  return /cache.{1,2}cope|ttlm|\\u00/i.test(text)
}
