// A part of a scalar's value → its place in the text of the file, so that a mistake inside an expression is
// underlined where it stands. Only for scalars on one line whose characters stand for themselves.
import type { Range } from './problem.ts'

/** Undefined when the value is folded over lines, or written with escapes before the part. */
export function rangeWithin(text: string, scalar: Range, part: Range): Range | undefined {
  const written = text.slice(scalar.start, scalar.end)
  const quote = written.charAt(0)
  const quoted = quote === "'" || quote === '"'
  if (written.includes('\n') || quote === '|' || quote === '>' || (quote === '"' && written.includes('\\')))
    return undefined
  const places = quoted ? placesIn(written, quote) : [...Array(written.length + 1).keys()]
  const [start, end] = [places[part.start], places[part.end]]
  if (start === undefined || end === undefined) return undefined
  return { start: scalar.start + start, end: scalar.start + Math.max(end, start + 1) }
}

/** For each character of the value, where it is written; `''` stands for one quote (YAML 1.2 §7.3.2). */
function placesIn(written: string, quote: string): readonly number[] {
  const places: number[] = []
  for (let at = 1; at < written.length; at++) {
    places.push(at)
    if (quote === "'" && written.startsWith("''", at)) at += 1
  }
  return places
}
