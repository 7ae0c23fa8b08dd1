// Checks whether a text holds the literals that a pattern has between its wildcards, in their order. Literals are found
// from left to right, each as early as possible. In a stretch without `/` the earliest place is as good as any later
// one, so only the earliest of each stretch is kept. A text is read once for each literal.

/** A literal between two wildcards of the pattern, with the wildcard before it. */
export interface Run {
  readonly literal: string
  /** Whether the wildcard before it crosses `/`. */
  readonly across: boolean
}

/**
 * Whether `runs` follow each other between `from` and `to`, with one more wildcard after the last of them.
 * @param across whether that wildcard crosses `/`
 */
export function followEachOther(
  text: string,
  runs: readonly Run[],
  { from, to, across }: { readonly from: number; readonly to: number; readonly across: boolean },
): boolean {
  let ends: readonly number[] = [from]
  for (const [index, run] of runs.entries()) {
    const next = runs[index + 1]?.across ?? across
    ends = run.across ? laterEnds(text, run.literal, ends[0] ?? to, next) : nearEnds(text, run.literal, ends)
    if (ends.length === 0) return false
  }
  const least = across || to === 0 ? 0 : text.lastIndexOf('/', to - 1) + 1
  return ends.some((end) => end >= least && end <= to)
}

/**
 * Whether some text that begins with `prefix` can hold all of `runs` after `from`, each after its wildcard, and end
 * with the last of them.
 */
export function canFollow(prefix: string, runs: readonly Run[], from: number): boolean {
  let ends: readonly number[] = [from]
  for (const { literal, across } of runs) {
    // The wildcard matches the rest of the prefix, and the rest of the pattern comes after it.
    if (across || !prefix.includes('/', ends.at(-1) ?? 0)) return true
    if (ends.some((end) => reachesBeyond(prefix, literal, end))) return true
    ends = nearEnds(prefix, literal, ends)
    if (ends.length === 0) return false
  }
  return false
}

/** Whether a literal can begin in the stretch without `/` at this place, and reach beyond the end of the prefix. */
function reachesBeyond(prefix: string, literal: string, place: number): boolean {
  const at = prefix.indexOf('/', place) - literal.indexOf('/')
  const fits = literal.includes('/') && at >= place && prefix.length - at <= literal.length
  return fits && literal.startsWith(prefix.slice(at))
}

/**
 * Returns the ends of a literal that begins anywhere from a place on. The first is enough where the next wildcard may
 * cross `/`.
 */
function laterEnds(text: string, literal: string, from: number, first: boolean): readonly number[] {
  const ends: number[] = []
  const crosses = literal.includes('/')
  let at = text.indexOf(literal, from)
  while (at >= 0) {
    ends.push(at + literal.length)
    if (first) break
    const slash = crosses ? at : text.indexOf('/', at + literal.length)
    if (slash < 0) break
    at = text.indexOf(literal, slash + 1)
  }
  return ends
}

/** Returns the ends of a literal that begins after one of these places without a `/` between. */
function nearEnds(text: string, literal: string, places: readonly number[]): readonly number[] {
  const ends: number[] = []
  const offset = literal.indexOf('/')
  let at = -1
  let slash = -1
  for (const place of places) {
    if (slash < place) slash = placeOrEnd(text, '/', place)
    if (offset >= 0) at = slash - offset
    else if (at < place) at = placeOrEnd(text, literal, place)
    const fits = offset >= 0 ? at >= place && text.startsWith(literal, at) : at + literal.length <= slash
    if (fits) ends.push(at + literal.length)
  }
  return ends
}

function placeOrEnd(text: string, literal: string, from: number): number {
  const at = text.indexOf(literal, from)
  return at < 0 ? text.length : at
}
