// Bounds many tables together. Where all places are taken, the table that holds the most gives one up, so that no table
// that holds less ever loses an entry to others. A step costs the same however many tables there are.
import { Link } from './ring.ts'

export interface TableBudget {
  /** @param drop removes one entry of the table, which gives its place back; false when it may lose none */
  join(drop: () => boolean): TablePlaces
}

export interface TablePlaces {
  /** A place for one entry more; false when there is none. */
  take(): boolean
  give(count?: number): void
}

class Member extends Link {
  held = 0
  readonly drop: () => boolean

  constructor(drop: () => boolean) {
    super()
    this.drop = drop
  }
}

export function createTableBudget(size: number): TableBudget {
  /** At each index the head of those who hold as many. */
  const byHeld: Member[] = []
  let most = 0
  let used = 0
  const headOf = (held: number): Member => {
    byHeld[held] ??= new Member(() => false)
    return byHeld[held] as Member
  }
  const move = (member: Member, change: number) => {
    member.remove()
    member.held += change
    used += change
    if (member.held > 0) member.insert(headOf(member.held))
    most = Math.max(most, member.held)
    while (most > 0 && headOf(most).after === headOf(most)) most -= 1 // at most as far as it rose
  }
  return {
    join(drop) {
      const member = new Member(drop)
      return {
        take() {
          const largest = member.held >= most ? member : headOf(most).after // of equals, whoever asks
          if (used >= size && !largest.drop()) return false
          move(member, 1)
          return true
        },
        give(count = 1) {
          move(member, -count)
        },
      }
    },
  }
}
