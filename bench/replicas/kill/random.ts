// Numbers that a seed decides (mulberry32), so that a run can be made again.
export interface Random {
  /** From 0 up to 1. */
  next(): number
  pick<T>(of: readonly T[]): T
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, pick: (of) => of[Math.floor(next() * of.length)] as (typeof of)[number] }
}
