// The nearest known word to a misspelt one, for "did you mean". It never guesses when nothing is near.

/** Longer words are not compared: nobody's key is that long, and the cost is quadratic. */
const MAX_LENGTH = 64
/** A file with more unknown names than this was not misspelt. */
const MAX_HINTS = 100

/** How many edits (insert, delete, replace, swap of neighbours) turn one word into the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = cell(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const edited = Math.min(cell(previous, column) + 1, cell(current, column - 1) + 1, replaced)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(swapped ? Math.min(edited, cell(before, column - 2) + 1) : edited)
    }
    before = previous
    previous = current
  }
  return cell(previous, b.length)
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}

/** The nearest of `known`, at most a third of the word away. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    if (candidate.length > MAX_LENGTH) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

/** Finds hints for many words among many known ones. Each word is compared once, with a bounded number of them. */
export function hintsFrom(
  known: ReadonlySet<string> | ReadonlyMap<string, unknown>,
): (word: string) => string {
  const hints = new Map<string, string>()
  return (word) => {
    const made = hints.get(word)
    if (made !== undefined || hints.size >= MAX_HINTS) return made ?? ''
    const hint = didYouMean(word, known.keys())
    hints.set(word, hint)
    return hint
  }
}
