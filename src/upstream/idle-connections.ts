// A kept connection rests before it carries another exchange: bytes that come meanwhile answer no request, and end it
// (L41). The next exchange may be another caller's whose id is the same, since SDKs count from 0, and so may be another
// conversation of the same caller: so every connection rests, whoever is next. Knows no sockets.

/** At least this long, at most about twice as long: long enough for what was on its way, short enough to stay few. */
const IDLE_MS = 2

export interface IdleConnections<T> {
  add(connection: T): void
  /** Removes a connection that carries nothing more. */
  delete(connection: T): void
}

/** `onRested` gets each connection that has rested, in order. */
export function createIdleConnections<T>(onRested: (connection: T) => void): IdleConnections<T> {
  let older = new Set<T>()
  let newer = new Set<T>()
  let running = false

  const run = () => {
    running = true
    // Between a timer and an immediate the sockets are read: a loop that was busy has had no rest (libuv, phases).
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
