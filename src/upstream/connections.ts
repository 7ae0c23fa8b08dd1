// The pool of connections to one upstream, up to a bound. The connection that was used last is used first, so that idle
// ones time out. A caller holds no more than a share of them, and waiting requests take turns. A request that may be
// sent once more goes on a fresh connection the second time.

import { createFairQueue, type QueuePlace } from '../core/fair-queue.ts'
import type { Refusal } from '../core/refusal.ts'
import type { HttpUpstreamSettings } from '../core/settings.ts'
import { createShares, shareOf } from '../core/shares.ts'
import { createConnector, READ_BUFFER } from './connect.ts'
import { Connection, type ConnectionOptions, type Sending, type UpstreamExchange } from './connection.ts'
import { STOPPING } from './failure.ts'
import { createIdleConnections } from './idle-connections.ts'
import { createReadingTurns, type ReadingTurns } from './reading-turns.ts'

export interface PoolBounds {
  readonly connections: number
  /** The part of the connections, and of the places to wait, that one caller may hold. */
  readonly sharePerCaller: number
}

/** How many requests may wait for a connection. */
const MAX_WAITING = 1_024

/** The refusal of a request that found no place to wait. */
export const NO_ROOM: Refusal = { reason: 'overloaded', detail: 'too many requests wait for the upstream' }

export interface Outgoing extends Sending {
  /** The caller that the request counts for. */
  readonly caller: string
  /**
   * Present only on a request that may be sent once more, where a kept connection closed before the answer began.
   * Called when it is sent again.
   */
  readonly onResent?: (() => void) | undefined
}

/** Controls an exchange that was handed over. Each function may be called at any time. */
export interface ExchangeControl {
  pause(): void
  resume(): void
  /** Ends the exchange and its connection, if the exchange has not ended; it is told nothing more. */
  abort(): void
  /** Lets the connection carry nothing after this exchange. */
  retire(): void
}

export interface Connections {
  /**
   * Hands the request over. The exchange is told of its answer later, never during the call. Returns undefined when too
   * many requests wait, of this caller or of all.
   */
  carry(outgoing: Outgoing, exchange: UpstreamExchange): ExchangeControl | undefined
  /** Ends all connections; exchanges under way fail. */
  close(): void
}

/** One exchange with its request, from the moment it was handed over: on a connection, or waiting for one. */
class PendingExchange implements ExchangeControl {
  readonly caller: string
  readonly #exchange: UpstreamExchange
  #outgoing: Outgoing | undefined
  #onStale: (() => void) | undefined
  /** Whether it needs a fresh connection. */
  needsFresh = false
  #connection: Connection | undefined
  #place: QueuePlace | undefined
  #turn = 0
  #patience: NodeJS.Timeout | undefined

  /** `sendAgain` is called at most once. */
  constructor(outgoing: Outgoing, exchange: UpstreamExchange, sendAgain: (pending: PendingExchange) => void) {
    this.caller = outgoing.caller
    this.#exchange = exchange
    this.#outgoing = outgoing
    if (outgoing.onResent === undefined) return
    this.#onStale = () => {
      this.#onStale = undefined
      this.needsFresh = true
      outgoing.onResent?.()
      sendAgain(this)
    }
  }

  /** How long a request waits for a free connection. */
  wait(place: QueuePlace, ms: number): void {
    this.#place = place
    const late: Refusal = {
      reason: 'overloaded',
      detail: `no free connection to the upstream within ${ms} ms`,
    }
    this.#patience = setTimeout(() => this.giveUp(late), ms)
  }

  /** Fails the request while it waits. */
  giveUp(refusal: Refusal): void {
    this.#leave()
    this.#exchange.fail(refusal)
  }

  start(connection: Connection): void {
    clearTimeout(this.#patience)
    this.#connection = connection
    this.#turn = connection.send(this.#outgoing as Outgoing, this.#exchange, this.#onStale)
    if (this.#onStale === undefined) this.#outgoing = undefined // not kept: an answer may stream for hours
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

  retire(): void {
    this.#connection?.retire(this.#turn)
  }

  #leave(): void {
    clearTimeout(this.#patience)
    this.#place?.leave()
  }
}

/** What all connections to an upstream have in common, for calls and for streams. */
export type Leg = Pick<ConnectionOptions, 'open' | 'buffer' | 'knownNames' | 'waits' | 'turns'>

export function createLeg(settings: HttpUpstreamSettings, turns: ReadingTurns = createReadingTurns()): Leg {
  const open = createConnector({ url: new URL(settings.url), ca: settings.ca })
  return {
    open,
    buffer: READ_BUFFER,
    knownNames: [],
    waits: settings,
    turns,
  }
}

export function createConnections(leg: Leg, { connections: limit, sharePerCaller }: PoolBounds): Connections {
  const all = new Set<Connection>()
  const free: Connection[] = []
  const inUse = createShares({ size: limit, share: shareOf(limit, sharePerCaller) })
  const waiting = createFairQueue<PendingExchange>({
    size: MAX_WAITING,
    share: shareOf(MAX_WAITING, sharePerCaller),
  })

  const start = (pending: PendingExchange) => {
    const connection = (pending.needsFresh ? undefined : free.pop()) ?? connect()
    if (all.size > limit) free[0]?.shutDown() // a fresh one takes its place
    connection.holder = pending.caller
    pending.start(connection)
  }
  const isOneFree = () => free.length > 0 || all.size < limit
  const takes = (caller: string) => inUse.take(caller) === undefined
  const serve = () => {
    while (waiting.length > 0 && isOneFree()) {
      const next = waiting.next(takes) // skips at most as many keys as there are whole shares
      if (next === undefined) return
      start(next)
    }
  }
  const release = (connection: Connection) => {
    if (connection.holder === undefined) return
    inUse.give(connection.holder)
    connection.holder = undefined
  }
  const resting = createIdleConnections<Connection>((connection) => {
    free.push(connection)
    serve()
  })
  const onFree = (connection: Connection) => {
    release(connection)
    resting.add(connection)
    serve()
  }
  const onGone = (connection: Connection) => {
    release(connection)
    all.delete(connection)
    resting.delete(connection)
    const at = free.indexOf(connection)
    if (at >= 0) free.splice(at, 1)
    serve()
  }
  const connect = () => {
    const connection = new Connection({ ...leg, onFree, onGone })
    all.add(connection)
    return connection
  }

  /** Returns false when no place is left, neither on a connection nor to wait. */
  const startOrWait = (pending: PendingExchange): boolean => {
    if (isOneFree() && takes(pending.caller)) start(pending)
    else {
      const place = waiting.join(pending.caller, pending)
      if (place === undefined) return false
      pending.wait(place, leg.waits.timeoutMs)
    }
    return true
  }
  const sendAgain = (pending: PendingExchange) => {
    if (!startOrWait(pending)) pending.giveUp(NO_ROOM)
  }

  return {
    carry(outgoing, exchange) {
      const pending = new PendingExchange(outgoing, exchange, sendAgain)
      return startOrWait(pending) ? pending : undefined
    },
    close() {
      for (const pending of waiting.drain()) pending.giveUp(STOPPING)
      for (const connection of [...all]) connection.shutDown()
    },
  }
}
