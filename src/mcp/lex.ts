// Finds the tokens of JSON text (RFC 8259 §2, §6, §7): the index after each, or -1 when there is none. It reads bytes
// that are known to be UTF-8, of which only ASCII matters here. It knows nothing of objects and arrays; it never throws
// and never backtracks.

import { standsAt } from '../core/bytes.ts'

const BACKSLASH = 0x5c
const QUOTE = 0x22
const LOWER_U = 0x75
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const SPACE = 0x20

/** Returns the byte at an index; after the end NaN, which is no byte. */
function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] as number) : Number.NaN
}

/** RFC 8259 §2: space, tab, line feed, carriage return, and nothing else. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let end = at
  for (;;) {
    const byte = byteAt(bytes, end)
    if (byte > SPACE || (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return end
    end += 1
  }
}

/** Returns the index after the closing quote of the string whose opening quote is at `at`. RFC 8259 §7. */
export function endOfString(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length) {
    const byte = bytes[end] as number
    if (byte === QUOTE) return end + 1
    if (byte === BACKSLASH) {
      end = endOfEscape(bytes, end)
      if (end < 0) return -1
    } else if (byte >= SPACE) end += 1
    else return -1 // a control character
  }
  return -1
}

function endOfEscape(bytes: Uint8Array, at: number): number {
  const byte = byteAt(bytes, at + 1)
  if (byte === LOWER_U) {
    for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(byteAt(bytes, digit))) return -1
    return at + 6
  }
  return ESCAPED[byte] === 1 ? at + 2 : -1
}

/** For each byte, whether it may follow a backslash. */
const ESCAPED = new Uint8Array(256)
for (const char of '"\\/bfnrt') ESCAPED[char.charCodeAt(0)] = 1

/** RFC 8259 §6: number = [ minus ] int [ frac ] [ exp ] */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  let end = byteAt(bytes, at) === MINUS ? at + 1 : at
  end = byteAt(bytes, end) === ZERO ? end + 1 : endOfDigits(bytes, end)
  if (end >= 0 && byteAt(bytes, end) === DOT) end = endOfDigits(bytes, end + 1)
  if (end >= 0 && isExponent(byteAt(bytes, end))) {
    const sign = byteAt(bytes, end + 1)
    end = endOfDigits(bytes, sign === PLUS || sign === MINUS ? end + 2 : end + 1)
  }
  return end
}

/** Returns the index after the digits, of which there must be at least one. */
function endOfDigits(bytes: Uint8Array, at: number): number {
  let end = at
  while (isDigit(byteAt(bytes, end))) end += 1
  return end > at ? end : -1
}

export type Word = 'true' | 'false' | 'null'

/** RFC 8259 §3: the three literal names, in lower case. */
export function wordAt(bytes: Uint8Array, at: number): Word | undefined {
  const word = WORDS.find(({ first }) => first === byteAt(bytes, at))
  return word !== undefined && standsAt(bytes, at, word.letters) ? word.name : undefined
}

const WORDS = (['true', 'false', 'null'] as const).map((name) => {
  return { name, first: name.charCodeAt(0), letters: Buffer.from(name) }
})

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

function isExponent(byte: number): boolean {
  return byte === 0x65 || byte === 0x45
}
