// The nearest known word to a mistyped one. Pure; knows nothing about what the words name.

const MAX_WORD_LENGTH = 40

/** The closest candidate within two edits (one for words of up to three letters); undefined when none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate)
    if (best === undefined || distance < best.distance) best = { candidate, distance }
  }
  const allowed = word.length <= 3 ? 1 : 2
  return best !== undefined && best.distance <= allowed ? best.candidate : undefined
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
