// RFC 3339 text → epoch seconds, for sources that write `exp` as text. Compared with a number, such text is never less,
// so a reader that forgets to convert it would believe an expired token for ever (T-05).

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/

/** Returns whole seconds; undefined for anything but one valid instant. */
export function readInstant(text: unknown): number | undefined {
  if (typeof text !== 'string' || !RFC3339.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000)
}
