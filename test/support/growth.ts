// How the work of something grows with what it is given: its time at a length and at four times that. Linear work gives
// about 4, quadratic work 16. Times are short, and the best of many, since a busy machine only ever makes one longer.

/** Beyond this nothing slow can hide: what is not linear took long enough far below. */
const MAX_LENGTH = 1_048_576
const LEAST_MS = 0.4
const TRIES = 12
const ROUNDS = 10
/** Between 4 and 16. */
export const LINEAR = 9

function timeOf(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function best(run: () => void): number {
  return Math.min(...[1, 2, 3, 4, 5].map(() => timeOf(run)))
}

function repeated(work: () => unknown, rounds: number): () => void {
  return () => {
    for (let round = 0; round < rounds; round += 1) work()
  }
}

/** One after the other, so that what slows one of them slows the other too. */
function ratioOf(longer: () => void, shorter: () => void): number {
  let [long, short] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    short = Math.min(short, timeOf(shorter))
    long = Math.min(long, timeOf(longer))
  }
  return long / short
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
  let ratio = ratioOf(longer, shorter)
  for (let again = 1; again < ROUNDS && ratio >= LINEAR; again += 1) {
    ratio = Math.min(ratio, ratioOf(longer, shorter))
  }
  return ratio
}
