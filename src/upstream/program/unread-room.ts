// How much of what programs said is kept for clients: for all programs together, and for each caller. A program that several
// callers share cannot wait for one of them. One message always has room where its caller keeps nothing else.
import { shareOf } from '../../core/shares.ts'

/** Of one caller. */
export interface UnreadRoom {
  /** False when there is none. */
  take(bytes: number): boolean
  give(bytes: number): void
}

/** `size`: bytes for all callers together. */
export function createUnreadRooms(size: number, sharePerCaller: number): (caller: string) => UnreadRoom {
  const share = shareOf(size, sharePerCaller)
  /** Of those who keep something. */
  const held = new Map<string, number>()
  let used = 0
  return (caller) => ({
    take(bytes) {
      const own = held.get(caller) ?? 0
      if ((own > 0 && own + bytes > share) || used + bytes > size) return false
      used += bytes
      if (bytes > 0) held.set(caller, own + bytes)
      return true
    },
    give(bytes) {
      const left = (held.get(caller) ?? 0) - bytes
      used -= bytes
      if (left > 0) held.set(caller, left)
      else held.delete(caller)
    },
  })
}
