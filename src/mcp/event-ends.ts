// Where server-sent events end (WHATWG HTML §9.2.6) in bytes whose lines end with LF or CR LF. A CR alone ends a line
// too, but hardly any server writes one: bytes with one are split byte by byte (events.ts).

const LF = 0x0a
const CR = 0x0d

/**
 * Whether a CR in the bytes ends a line by itself. Of one at their end nothing is known yet; `afterCr`: that was so
 * before.
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
 * The index after the first event that ends in the bytes at `from` or behind it; -1: none does. `lineBegins`: a line
 * does there. A CR at the end of the bytes ends its line; an LF may still follow.
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

/** -1: the line does not end here. */
function afterLine(bytes: Buffer, from: number): number {
  return bytes.indexOf(LF, from) + 1 || -1
}

/** -1: the line is not empty. */
function afterEmptyLine(bytes: Buffer, at: number): number {
  if (bytes[at] === LF) return at + 1
  if (bytes[at] !== CR) return -1
  return at + 1 === bytes.length ? at + 1 : at + 2
}

/** The index after the last event that ends in the bytes, the first of which begins at `from`; -1: none does. */
export function lastEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.length; at > from; at -= 1) if (isEventEnd(bytes, at, from)) return at
  return -1
}

/** Where the event begins in which a byte stands; the first one begins at `from`. */
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
