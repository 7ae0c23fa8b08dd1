// Pieces of bytes: compared in place, and put together as they come.

/** Whether these bytes stand at an index. */
export function standsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false
  return true
}

/** Where some bytes begin at an index or behind it; Infinity: nowhere. */
export function placeOf(bytes: Buffer, sought: number | Buffer, from: number): number {
  const at = bytes.indexOf(sought, from)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}

/**
 * A buffer that begins with what is used of this one and has space for more behind it: the same while there is enough.
 * A list of pieces would take a hundred times the bytes of what comes one by one.
 */
export function withRoom(room: Buffer, used: number, more: number): Buffer {
  if (used + more <= room.length) return room
  const larger = Buffer.allocUnsafe(Math.max(used + more, 2 * room.length))
  room.copy(larger, 0, 0, used)
  return larger
}
