// Comparing pieces of bytes in place.

/** Whether these bytes stand at an index. */
export function standsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false
  return true
}
