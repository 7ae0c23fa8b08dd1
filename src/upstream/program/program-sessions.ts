// The sessions of a route, found by id. Each caller has a share of the room; over it, the session that it has not used for
// longest makes room for the next.
import { createShares, type Shares, shareOf } from '../../core/shares.ts'
import type { ProgramSession } from './program-session.ts'
import type { WantedProgram } from './program-table.ts'

const MAX_SESSIONS = 10_000

export class ProgramSessions {
  /** The one that was used last stands last. */
  readonly #byId = new Map<string, ProgramSession>()
  /** Those that share a program, by its key. */
  readonly #sharing = new Map<string, Set<ProgramSession>>()
  readonly #room: Shares
  readonly #onRemoved: (session: ProgramSession) => void

  constructor(sharePerCaller: number, onRemoved: (session: ProgramSession) => void) {
    this.#room = createShares({ size: MAX_SESSIONS, share: shareOf(MAX_SESSIONS, sharePerCaller) })
    this.#onRemoved = onRemoved
  }

  /** Where there is no room, that is since all of it is in use by others: false. */
  add(session: ProgramSession): boolean {
    const { caller } = session
    if (this.#room.take(caller) !== undefined) {
      const oldest = [...this.#byId.values()].find((each) => each.caller === caller && each.calls.size === 0)
      if (oldest === undefined) return false
      this.remove(oldest)
      if (this.#room.take(caller) !== undefined) return false
    }
    this.#byId.set(session.id, session)
    return true
  }

  /** Undefined also for the session of somebody else. */
  find(id: string | undefined, owner: string): ProgramSession | undefined {
    const session = id === undefined ? undefined : this.#byId.get(id)
    if (session === undefined || session.owner !== owner) return undefined
    this.#byId.delete(session.id)
    this.#byId.set(session.id, session)
    return session
  }

  /** From now on the session uses a program that others use too. */
  share(session: ProgramSession, shared: WantedProgram): void {
    session.shared = shared
    const known = this.#sharing.get(shared.key)
    if (known === undefined) this.#sharing.set(shared.key, new Set([session]))
    else known.add(session)
  }

  /** Those that share a program. */
  sharing(key: string): Iterable<ProgramSession> {
    return this.#sharing.get(key) ?? []
  }

  remove(session: ProgramSession): void {
    if (!this.#byId.delete(session.id)) return
    this.#room.give(session.caller)
    this.#leave(session)
    session.end()
    this.#onRemoved(session)
  }

  #leave(session: ProgramSession): void {
    const key = session.shared?.key
    const sharing = key === undefined ? undefined : this.#sharing.get(key)
    if (key === undefined || !sharing?.delete(session)) return
    if (sharing.size === 0) this.#sharing.delete(key)
  }
}
