// A thing that many use at one time, by whom: how much of it there is, and how much of it one of them may hold. Whoever
// is over its share is refused while others still get theirs. An entry exists only while its key holds something, so
// the table is no larger than what is in use. Pure; every operation is one look into a map.

/** Why nothing was taken: the key holds its share, or all of it is in use. */
export type Shortage = 'share' | 'full'

export interface Shares {
  /** Takes so much for the key, all of it or nothing; undefined when it was taken. */
  take(key: string, amount?: number): Shortage | undefined
  /** Gives back what was taken for the key. */
  give(key: string, amount?: number): void
  /** Takes one; undefined when there is none for the key. The result gives it back, once however often it is called. */
  enter(key: string): (() => void) | undefined
  /** How much the key holds. */
  held(key: string): number
  readonly used: number
}

/** `size`: for all together; `share`: for one key. */
export interface Bounds {
  readonly size: number
  readonly share: number
}

export function createShares({ size, share }: Bounds): Shares {
  const byKey = new Map<string, number>()
  let used = 0

  const take = (key: string, amount = 1): Shortage | undefined => {
    const held = byKey.get(key) ?? 0
    if (share < size && held + amount > share) return 'share'
    if (used + amount > size) return 'full'
    if (amount > 0) byKey.set(key, held + amount)
    used += amount
    return undefined
  }
  const give = (key: string, amount = 1): void => {
    const left = (byKey.get(key) ?? 0) - amount
    if (left < 0) throw new Error('more is given back than was taken')
    if (left > 0) byKey.set(key, left)
    else byKey.delete(key)
    used -= amount
  }
  return {
    take,
    give,
    enter(key) {
      if (take(key) !== undefined) return undefined
      let isIn = true
      return () => {
        if (isIn) give(key)
        isIn = false
      }
    },
    held: (key) => byKey.get(key) ?? 0,
    get used() {
      return used
    },
  }
}

/** So much of a size as one caller may hold; never less than one. */
export function shareOf(size: number, part: number): number {
  return Math.max(1, Math.floor(size * part))
}
