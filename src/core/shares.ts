// Counts who holds how much of a thing that many use at one time. A key over its share is refused while others still
// get theirs. A key that holds nothing stays for a while, since most come again soon; the table is hardly larger than
// what is in use. Pure; a step is one look into a map.

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

interface Holding {
  amount: number
}

/** Keys that hold nothing are removed when there are this many, and they are the majority. */
const FORGOTTEN_FROM = 1_024

export function createShares({ size, share }: Bounds): Shares {
  const byKey = new Map<string, Holding>()
  let used = 0
  let idle = 0

  const take = (key: string, amount = 1): Shortage | undefined => {
    const holding = byKey.get(key)
    const held = holding?.amount ?? 0
    if (share < size && held + amount > share) return 'share'
    if (used + amount > size) return 'full'
    if (amount === 0) return undefined
    used += amount
    if (holding === undefined) byKey.set(key, { amount })
    else {
      if (held === 0) idle -= 1
      holding.amount += amount
    }
    return undefined
  }
  const give = (key: string, amount = 1): void => {
    const holding = byKey.get(key)
    if ((holding?.amount ?? 0) < amount) throw new Error('more is given back than was taken')
    if (holding === undefined || amount === 0) return
    holding.amount -= amount
    used -= amount
    if (holding.amount > 0) return
    idle += 1
    if (idle > FORGOTTEN_FROM && idle * 2 > byKey.size) forgetIdle()
  }
  const forgetIdle = () => {
    for (const [key, { amount }] of byKey) if (amount === 0) byKey.delete(key)
    idle = 0
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
    held: (key) => byKey.get(key)?.amount ?? 0,
    get used() {
      return used
    },
  }
}

/** How much of a size one caller may hold; never less than one. */
export function shareOf(size: number, part: number): number {
  return Math.max(1, Math.floor(size * part))
}
