// A text that keeps nothing but itself. A part of a string, and one that was put together of parts, keeps the whole it is
// made of in memory, which may be the body of a request. Whatever outlives a request is copied.

/** V8 copies shorter parts by itself (`SlicedString::kMinLength`). */
const SHORTEST_PART = 13

export function copyOf(text: string): string {
  return text.length < SHORTEST_PART ? text : Buffer.from(text).toString('utf8')
}
