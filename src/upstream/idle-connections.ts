// Lets a kept connection rest before it carries another exchange: bytes that come meanwhile answer no request, and end
// it (L41). The next exchange may be another caller's and have the same id, since SDKs count from 0, or belong to
// another conversation of the same caller. So every connection rests, whoever is next. It knows no sockets.

/**
 * A connection rests at least this long, and at most about twice as long. That is enough for bytes on their way, and
 * short enough that few connections rest.
 */
const IDLE_MS = 2

export interface IdleConnections<T> {
  add(connection: T): void
  /** Forgets a connection that will carry nothing more. */
  delete(connection: T): void
}

/** `onRested` gets each connection that has rested, in order. */
export function createIdleConnections<T>(onRested: (connection: T) => void): IdleConnections<T> {
  let older = new Set<T>()
  let newer = new Set<T>()
  let running = false

  const run = () => {
    running = true
    // Node reads the sockets between a timer and an immediate (libuv, phases), so time in which the loop was busy does
    // not count as rest.
    setTimeout(setImmediate, IDLE_MS, advance).unref()
  }
  const advance = () => {
    running = false
    const rested = older
    older = newer
    newer = new Set()
    if (older.size > 0) run()
    for (const connection of rested) onRested(connection)
  }
  return {
    add(connection) {
      newer.add(connection)
      if (!running) run()
    },
    delete(connection) {
      if (!newer.delete(connection)) older.delete(connection)
    },
  }
}
