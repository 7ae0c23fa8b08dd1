// Clients that keep a connection busy without using it: one that takes nothing of an answer, or less of it than it must
// (D46), and one that keeps a connection alive with what is no request (D47). They are checked at intervals.
import type { Socket } from 'node:net'

export interface ClientPatience {
  /** D03: how long a client may take nothing of what was written. */
  readonly stallMs: number
  /** How much of what was written it must take in a second, on an average that forgives `stallMs`. */
  readonly minTakenPerSecond: number
  /** From the last answer until the head of the next request is whole. */
  readonly nextRequestMs: number
}

export interface RequestsSoFar {
  /** Requests without an answer yet. */
  readonly answers: readonly unknown[]
  /** How many requests there were in all. */
  readonly count: number
}

export interface SlowClients {
  /** `now` is in milliseconds. */
  look(socket: Socket, requests: RequestsSoFar, now: number): void
}

/** Since when, and what had been written for it by then. */
interface Mark {
  readonly at: number
  readonly taken: number
}

export function createSlowClients(patience: ClientPatience): SlowClients {
  const { stallMs, minTakenPerSecond, nextRequestMs } = patience
  const owing = new WeakMap<Socket, Mark>()
  const idle = new WeakMap<Socket, { readonly at: number; readonly count: number }>()

  /** A client that has taken everything begins anew; a silent stream expects nothing of it. */
  const isTooSlow = (socket: Socket, now: number): boolean => {
    const owed = socket.writableLength
    if (owed === 0) {
      owing.delete(socket)
      return false
    }
    const mark = owing.get(socket)
    if (mark === undefined) owing.set(socket, { at: now, taken: socket.bytesWritten - owed })
    else return now - mark.at > stallMs + ((socket.bytesWritten - mark.taken) * 1_000) / minTakenPerSecond
    return false
  }
  /** A request may come and be answered between two looks. */
  const waitsTooLong = (socket: Socket, { answers, count }: RequestsSoFar, now: number): boolean => {
    if (answers.length > 0) return false
    const mark = idle.get(socket)
    if (mark?.count === count) return now - mark.at > nextRequestMs
    idle.set(socket, { at: now, count })
    return false
  }
  return {
    look(socket, asked, now) {
      endStalled(socket, stallMs)
      if (isTooSlow(socket, now) || waitsTooLong(socket, asked, now)) socket.destroy()
    },
  }
}

/**
 * Node ends a connection on which nothing moves for as long as its timeout says; one that has taken everything may be
 * quiet. Any other timeout is node's own, for a connection that waits for a next request.
 */
function endStalled(socket: Socket, stallMs: number): void {
  const owes = socket.writableLength > 0
  const isWatched = socket.timeout === stallMs
  if (owes !== isWatched) socket.setTimeout(owes ? stallMs : 0)
}
