// How the work of something grows with what it is given: its time at a length and at four times that. Linear work gives
// about 4, quadratic work 16. Each time is the best of several, since a busy machine only ever makes one longer.

/** Beyond this nothing slow can hide: what is not linear took long enough far below. */
const MAX_LENGTH = 2_097_152
const LEAST_MS = 2
const TRIES = 5
/** Between 4 and 16. */
export const LINEAR = 9

function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}

function repeated(work: () => unknown, rounds: number): () => void {
  return () => {
    for (let round = 0; round < rounds; round += 1) work()
  }
}

/**
 * `prepare` makes the work for a length outside of what is measured. Lengths double until there is something to measure;
 * `maxLength` is where the caller's own limit ends, and short work is then repeated.
 */
export function growthOf(prepare: (length: number) => () => unknown, maxLength = MAX_LENGTH): number {
  let length = Math.min(64, maxLength / 4)
  let small = best(repeated(prepare(length), 1))
  while (small < LEAST_MS && length * 8 <= maxLength) {
    length *= 2
    small = best(repeated(prepare(length), 1))
  }
  const rounds = Math.ceil(LEAST_MS / Math.max(small, 1e-3))
  const [shorter, longer] = [repeated(prepare(length), rounds), repeated(prepare(length * 4), rounds)]
  const ratio = best(longer) / best(shorter)
  return ratio < LINEAR ? ratio : Math.min(ratio, best(longer) / best(shorter))
}
