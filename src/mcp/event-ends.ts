// Finds where server-sent events end (WHATWG HTML §9.2.6) in bytes whose lines end with LF or CR LF. A CR alone ends a
// line too, but hardly any server writes one, so events.ts splits bytes with a lone CR byte by byte.

const LF = 0x0a
const CR = 0x0d

/**
 * Whether a CR in the bytes ends a line by itself. For a CR at their end that is not known yet; `afterCr` says that the
 * bytes before ended so.
 */
export function hasLoneCr(bytes: Buffer, afterCr: boolean): boolean {
  if (afterCr && bytes[0] !== LF) return true
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 2)) {
    if (at + 1 === bytes.length) return false
    if (bytes[at + 1] !== LF) return true
  }
  return false
}

/**
 * Returns the index after the first event that ends at or after `from`; -1 when none does. `lineBegins`: a line begins
 * at `from`. A CR at the end of the bytes ends its line, though an LF may still follow.
 */
export function firstEnd(bytes: Buffer, from: number, lineBegins: boolean): number {
  let at = lineBegins ? from : afterLine(bytes, from)
  while (at >= 0 && at < bytes.length) {
    const end = afterEmptyLine(bytes, at)
    if (end >= 0) return end
    at = afterLine(bytes, at)
  }
  return -1
}

/** Returns the index after the line end; -1 when the line does not end here. */
function afterLine(bytes: Buffer, from: number): number {
  return bytes.indexOf(LF, from) + 1 || -1
}

/** Returns the index after an empty line; -1 when the line is not empty. */
function afterEmptyLine(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return at + 1
  if (bytes[at] !== CR) return -1
  return at + 1 === bytes.length ? at + 1 : at + 2
}

/**
 * Returns the index after the last event that ends in the bytes, of which the first begins at `from`; -1 when none
 * does.
 */
export function lastEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.length; at > from; at -= 1) if (isEventEnd(bytes, at, from)) return at
  return -1
}

/** Returns where the event begins that holds a byte; the first event begins at `from`. */
export function startOfEvent(bytes: Buffer, at: number, from: number): number {
  let start = at
  while (start > from && !isEventEnd(bytes, start, from)) start -= 1
  return start
}

/** Whether a line that ends before the index is empty. */
function isEventEnd(bytes: Buffer, at: number, from: number): boolean {
  const byte = bytes[at - 1]
  if (byte !== LF && !(byte === CR && at === bytes.length)) return false
  const before = byte === LF && at - 2 >= from && bytes[at - 2] === CR ? at - 3 : at - 2
  return before < from || bytes[before] === LF
}
