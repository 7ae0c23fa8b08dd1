// Live parts that outlive a reload because nothing that they are made of has changed. A generation takes each part by a
// digest of what the part is made of, so equal parts are made once. A part that no generation holds any more is closed.
import { digestOfParts } from '../lib/digest-of-parts.ts'

export interface LiveParts {
  /** Begins to take parts for one generation. */
  lease(): Lease
}

export interface Lease {
  /**
   * @param kind names this kind of part, and no other
   * @param madeOf every setting and part that `make` uses; parts stand in it by their `identityOf`
   */
  take<T extends object>(kind: string, madeOf: unknown, make: () => T, close?: (part: T) => void): T
  /** A number that is the part's own; 0 for undefined. */
  identityOf(part: object | undefined): number
  /** Gives all parts back. Further calls do nothing. */
  release(): void
}

interface Held {
  readonly part: object
  readonly close: () => void
  generations: number
}

export function createLiveParts(): LiveParts {
  const held = new Map<string, Held>()
  const identityOf = createIdentities()
  const giveBack = (key: string, one: Held) => {
    one.generations -= 1
    if (one.generations > 0) return
    held.delete(key)
    one.close()
  }
  return {
    lease() {
      const taken = new Map<string, Held>()
      return {
        take(kind, madeOf, make, close) {
          const key = `${kind} ${digestOfParts(madeOf)}`
          const known = taken.get(key) ?? held.get(key)
          const one = known ?? holding(make(), close)
          if (!taken.has(key)) one.generations += 1
          taken.set(key, one)
          held.set(key, one)
          return one.part as ReturnType<typeof make>
        },
        identityOf,
        release() {
          for (const [key, one] of taken) giveBack(key, one)
          taken.clear()
        },
      }
    },
  }
}

function holding<T extends object>(part: T, close?: (part: T) => void): Held {
  return { part, close: () => close?.(part), generations: 0 }
}

function createIdentities(): (part: object | undefined) => number {
  const identities = new WeakMap<object, number>()
  let last = 0
  return (part) => {
    if (part === undefined) return 0
    const known = identities.get(part)
    if (known !== undefined) return known
    last += 1
    identities.set(part, last)
    return last
  }
}
