// The connections to one upstream: as many as there are exchanges at one time and answers of the last few milliseconds,
// up to a bound; the one that was used last is used first, so that those nobody needs run out.
import type { Refusal } from '../core/refusal.ts'
import type { UpstreamSettings } from '../core/settings.ts'
import { createConnector, READ_BYTES } from './connect.ts'
import { Connection, type Exchange } from './connection.ts'
import { createResting } from './resting.ts'

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

/** One exchange with its request, from when it was handed over: on a connection, or waiting for one. */
class Carriage implements Carried {
  readonly #exchange: Exchange
  readonly #head: string
  #body: Buffer | undefined
  readonly #waiting: Carriage[]
  #connection: Connection | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(head: string, body: Buffer | undefined, exchange: Exchange, waiting: Carriage[]) {
    this.#exchange = exchange
    this.#head = head
    this.#body = body
    this.#waiting = waiting
  }

  /** Until a connection is free, but not for ever: streams may hold them all for hours. */
  wait(ms: number): void {
    this.#waiting.push(this)
    const late: Refusal = { reason: 'upstream_timeout', detail: `no free connection within ${ms} ms` }
    this.#patience = setTimeout(() => this.giveUp(late), ms)
  }

  /** Fails it while it waits. */
  giveUp(refusal: Refusal): void {
    this.#leave()
    this.#exchange.fail(refusal)
  }

  start(connection: Connection): void {
    clearTimeout(this.#patience)
    this.#connection = connection
    connection.send(this.#head, this.#body, this.#exchange)
    this.#body = undefined // an answer may stream for hours
  }

  pause(): void {
    this.#connection?.pause(this.#exchange)
  }

  resume(): void {
    this.#connection?.resume(this.#exchange)
  }

  abort(): void {
    this.#connection?.abort(this.#exchange)
    this.#leave()
  }

  #leave(): void {
    clearTimeout(this.#patience)
    const at = this.#waiting.indexOf(this)
    if (at >= 0) this.#waiting.splice(at, 1)
  }
}

/** `limit`: how many connections at one time. */
export function createConnections(settings: UpstreamSettings, limit = MAX_CONNECTIONS): Connections {
  const open = createConnector({ url: new URL(settings.url), ca: settings.ca })
  const shared = { buffer: Buffer.allocUnsafe(READ_BYTES), knownNames: [], waits: settings }
  const all = new Set<Connection>()
  const free: Connection[] = []
  const waiting: Carriage[] = []

  const resting = createResting<Connection>((connection) => {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else next.start(connection)
  })
  const onGone = (connection: Connection) => {
    all.delete(connection)
    resting.delete(connection)
    const at = free.indexOf(connection)
    if (at >= 0) free.splice(at, 1)
    const next = waiting.shift()
    if (next !== undefined) next.start(connect())
  }
  const connect = () => {
    const connection = new Connection({ ...shared, open, onFree: resting.add, onGone })
    all.add(connection)
    return connection
  }
  const available = () => free.pop() ?? (all.size < limit ? connect() : undefined)

  return {
    carry(head, body, exchange) {
      const carriage = new Carriage(head, body, exchange, waiting)
      const connection = available()
      if (connection === undefined) carriage.wait(settings.timeoutMs)
      else carriage.start(connection)
      return carriage
    },
    close() {
      for (const carriage of [...waiting])
        carriage.giveUp({ reason: 'upstream_unreachable', detail: 'shut down' })
      for (const connection of [...all]) connection.shutDown()
    },
  }
}
