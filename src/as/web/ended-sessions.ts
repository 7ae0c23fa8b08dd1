// Sessions that were ended before their time, so that copies of their cookies do not work. In memory, where there is no
// store. When one person has ended many sessions, one time stands for all of them: every session from before it has
// ended. When the table is full the answer is false, and no entry that still matters is dropped for another person.
import type { StoreClock } from '../store/store.ts'

/** One session, as the cookie has it. */
export interface EndedSession {
  readonly id: string
  /** The person, on their route. */
  readonly owner: string
  /** Epoch milliseconds. */
  readonly beganAt: number
  readonly endsAt: number
  /** Epoch milliseconds: when every session that the owner has now is over. */
  readonly allEndAt: number
}

export interface EndedSessions {
  /** False when there is no room to remember it: then it is not ended. */
  end(session: EndedSession): boolean
  has(session: EndedSession): boolean
}

/** People and sessions together. */
const MAX_ENDED = 20_000
/** How many ended sessions of one person are remembered. With one more, all that the person began before are ended. */
const MAX_ENDED_OF_ONE = 20

interface Owner {
  /** Sessions that began up to then are ended; epoch milliseconds. */
  line: number
  /** When every session of the owner is over anyway. */
  goneAt: number
  readonly ids: Map<string, number>
}

export function createEndedSessions(clock: StoreClock): EndedSessions {
  const owners = new Map<string, Owner>()
  let held = 0
  /** Before this time nothing is over, so nothing is looked for. */
  let nextGoneAt = Number.POSITIVE_INFINITY

  const sweep = () => {
    const now = clock.now()
    if (nextGoneAt > now) return
    nextGoneAt = Number.POSITIVE_INFINITY
    held = 0
    for (const [name, owner] of owners) {
      for (const [id, endsAt] of owner.ids) if (endsAt <= now) owner.ids.delete(id)
      if (owner.goneAt <= now) owners.delete(name)
      else held += 1 + owner.ids.size
      nextGoneAt = Math.min(nextGoneAt, owner.goneAt, ...owner.ids.values())
    }
  }
  const drawLine = (owner: Owner, allEndAt: number) => {
    held -= owner.ids.size
    owner.ids.clear()
    owner.line = clock.now()
    owner.goneAt = Math.max(owner.goneAt, allEndAt)
  }
  return {
    end({ id, owner: name, endsAt, allEndAt }) {
      if (held + 2 > MAX_ENDED) sweep()
      const isFull = held + 2 > MAX_ENDED
      const known = owners.get(name)
      if (known === undefined && isFull) return false
      const owner = known ?? { line: 0, goneAt: endsAt, ids: new Map<string, number>() }
      if (known === undefined) held += 1
      owners.set(name, owner)
      if (isFull || owner.ids.size >= MAX_ENDED_OF_ONE) drawLine(owner, allEndAt)
      else if (!owner.ids.has(id)) {
        owner.ids.set(id, endsAt)
        owner.goneAt = Math.max(owner.goneAt, endsAt)
        held += 1
      }
      nextGoneAt = Math.min(nextGoneAt, endsAt, owner.goneAt)
      return true
    },
    has({ id, owner: name, beganAt }) {
      const owner = owners.get(name)
      return owner !== undefined && (beganAt <= owner.line || owner.ids.has(id))
    },
  }
}
