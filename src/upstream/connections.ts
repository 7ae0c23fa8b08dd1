// The connections to one upstream: as many as there are exchanges at one time, up to a bound; the one that was used
// last is used first, so that those nobody needs run out.
import type { UpstreamSettings } from '../core/settings.ts'
import { createConnector, READ_BYTES } from './connect.ts'
import { Connection, type Exchange } from './connection.ts'

const MAX_CONNECTIONS = 1_024

/** What is done with the exchange after it was handed over; each may be called at any time. */
export interface Carried {
  pause(): void
  resume(): void
  /** Ends the exchange and its connection, if it has not ended; it hears nothing more. */
  abort(): void
}

export interface Connections {
  /** `head` is a whole request head in latin1. The exchange hears of its answer later, never during the call. */
  carry(head: string, body: Buffer | undefined, exchange: Exchange): Carried
  /** Ends all connections; what is under way fails. */
  close(): void
}

interface Waiting {
  readonly start: (connection: Connection) => void
  readonly exchange: Exchange
}

/** `limit`: how many connections at one time. */
export function createConnections(settings: UpstreamSettings, limit = MAX_CONNECTIONS): Connections {
  const open = createConnector({ url: new URL(settings.url), ca: settings.ca })
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  const all = new Set<Connection>()
  const free: Connection[] = []
  const waiting: Waiting[] = []

  const onFree = (connection: Connection) => {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else next.start(connection)
  }
  const onGone = (connection: Connection) => {
    all.delete(connection)
    const at = free.indexOf(connection)
    if (at >= 0) free.splice(at, 1)
    const next = waiting.shift()
    if (next !== undefined) next.start(connect())
  }
  const connect = () => {
    const connection = new Connection({ open, buffer, waits: settings, onFree, onGone })
    all.add(connection)
    return connection
  }
  const available = () => free.pop() ?? (all.size < limit ? connect() : undefined)

  return {
    carry(head, body, exchange) {
      let used = available()
      const wait: Waiting = {
        exchange,
        start(connection) {
          used = connection
          connection.send(head, body, exchange)
        },
      }
      if (used === undefined) waiting.push(wait)
      else used.send(head, body, exchange)
      return {
        pause: () => used?.pause(exchange),
        resume: () => used?.resume(exchange),
        abort() {
          if (used !== undefined) return used.abort(exchange)
          const at = waiting.indexOf(wait)
          if (at >= 0) waiting.splice(at, 1)
        },
      }
    },
    close() {
      const failed = waiting.splice(0)
      for (const { exchange } of failed)
        exchange.fail({ reason: 'upstream_unreachable', detail: 'shut down' })
      for (const connection of [...all]) connection.shutDown()
    },
  }
}
