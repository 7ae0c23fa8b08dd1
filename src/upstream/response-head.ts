// Reads the status line and the header fields of an upstream's answer (RFC 9112 §4, §5). It is strict: a malformed line
// is a fault and never repaired (L31). framing.ts reads what the fields say about the body.
import { standsAt } from '../core/bytes.ts'
import type { Fields } from '../core/fields.ts'

export interface ResponseHead {
  /** The minor version of HTTP/1: 0 or 1. */
  readonly minor: number
  readonly status: number
  /** Lower-case names. */
  readonly headers: Fields
}

interface Name {
  readonly sent: Buffer
  readonly lower: string
  /** Whether the field says where the body ends. */
  readonly frames: boolean
}

/** The names of fields by their place in the head: an upstream sends the same ones in the same order each time. */
export type KnownNames = Name[]

const FRAMING_NAMES: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])
const MAX_KNOWN_NAMES = 50
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const ZERO = 0x30
const COLON = 0x3a
const VERSION = Buffer.from('HTTP/1.')
/** The index after `HTTP/1.1 200`. */
const STATUS_END = 12

/** 1 for each byte that a name, or a value, may have (RFC 9110 §5.6.2, §5.5). */
const IN_NAME = bytesLike(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/)
const IN_VALUE = bytesLike(/[\t\x20-\x7e\x80-\xff]/)

function bytesLike(kind: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (kind.test(String.fromCharCode(byte)) ? 1 : 0))
}

/**
 * Reads the bytes before `end`, where the empty line begins. `known` is kept between the answers of one upstream. A
 * string says what is wrong.
 */
export function readHead(bytes: Buffer, end: number, known: KnownNames): ResponseHead | string {
  const minor = bytes[VERSION.length] === ZERO ? 0 : 1
  const status = statusOf(bytes, end)
  if (status === undefined) return 'no HTTP/1 status line'
  const text = bytes.toString('latin1', 0, end)
  const headers: string[] = []
  let at = endOfRun(bytes, STATUS_END, end, IN_VALUE)
  while (at < end) {
    const name =
      bytes[at] === CR && bytes[at + 1] === LF
        ? nameAt(bytes, at + 2, end, known, headers.length / 2)
        : undefined
    if (name === undefined) return 'a malformed header field'
    const start = at + 2 + name.sent.length + 1
    at = endOfRun(bytes, start, end, IN_VALUE)
    // Some readers take `chunked` with a tab for another coding, and a length with a tab for none.
    if (name.frames && text.slice(start, at).includes('\t')) return 'a tab beside the framing'
    headers.push(name.lower, valueBetween(bytes, text, start, at))
  }
  return { minor, status, headers }
}

/** RFC 9112 §4: the version, a space, three digits, and then a space or nothing. */
function statusOf(bytes: Buffer, end: number): number | undefined {
  const after = end === STATUS_END ? CR : bytes[STATUS_END]
  const version = standsAt(bytes, 0, VERSION) && (bytes[7] === ZERO || bytes[7] === ZERO + 1)
  if (end < STATUS_END || !version || bytes[8] !== SPACE || (after !== SPACE && after !== CR))
    return undefined
  const status = digitAt(bytes, 9) * 100 + digitAt(bytes, 10) * 10 + digitAt(bytes, 11)
  return status >= 100 ? status : undefined
}

/** The value of a digit; NaN for any other byte. */
function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] as number) - ZERO
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

/**
 * Returns the name before the colon; undefined without a colon, for a folded line, and for a name with a space before
 * its colon.
 */
function nameAt(bytes: Buffer, at: number, end: number, known: KnownNames, place: number): Name | undefined {
  const remembered = known[place]
  if (
    remembered !== undefined &&
    bytes[at + remembered.sent.length] === COLON &&
    standsAt(bytes, at, remembered.sent)
  )
    return remembered
  const colon = endOfRun(bytes, at, end, IN_NAME)
  if (colon === at || bytes[colon] !== COLON) return undefined
  const sent = Buffer.from(bytes.subarray(at, colon)) // a copy, since the view is valid for one call only
  const lower = sent.toString('latin1').toLowerCase()
  const name = { sent, lower, frames: FRAMING_NAMES.has(lower) }
  if (place < MAX_KNOWN_NAMES) known[place] = name
  return name
}

/** The value without the spaces and tabs around it (RFC 9110 §5.6.3). */
function valueBetween(bytes: Buffer, text: string, start: number, end: number): string {
  let [from, to] = [start, end]
  while (from < to && isBlank(bytes[from])) from += 1
  while (to > from && isBlank(bytes[to - 1])) to -= 1
  return text.slice(from, to)
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB
}

/** Returns the first index from `at` on, and not after `end`, whose byte is of another kind. */
function endOfRun(bytes: Buffer, at: number, end: number, kind: Uint8Array): number {
  let place = at
  while (place < end && kind[bytes[place] as number] === 1) place += 1
  return place
}
