// One connection to an upstream, with one exchange at a time (L32: never two). Every wait has a limit, and a connection
// in doubt carries nothing more. It sends nothing again; connections.ts may.

import type { OnReadOpts, Socket } from 'node:net'
import type { Refusal } from '../core/refusal.ts'
import { createDeadline } from './deadline.ts'
import { STOPPING, upstreamFailure } from './failure.ts'
import type { ReadingTurns } from './reading-turns.ts'
import type { KnownNames } from './response-head.ts'
import { createResponseReader, type ResponseParts, type ResponseReader } from './response-reader.ts'

/** The receiver of an answer. Either `fail` or `end` is its last call. */
export interface UpstreamExchange extends ResponseParts {
  end(): void
  fail(refusal: Refusal): void
}

/** A request in the form in which it is sent. */
export interface Sending {
  /** The whole request head in latin1, with the empty line. */
  readonly head: string
  readonly body: Buffer | undefined
  /** Called when the body was written; not when that fails. */
  readonly onWritten?: (() => void) | undefined
}

export interface Waits {
  readonly connectTimeoutMs: number
  /** How long a request waits for a free connection, and from then on for the beginning of the answer. */
  readonly timeoutMs: number
  /**
   * The longest time between two pieces of an answer; infinite for a stream that only listens, whose dead peers TCP
   * keep-alive finds.
   */
  readonly idleTimeoutMs: number
  /** How long a connection without an exchange is kept, unless the upstream names a shorter time. */
  readonly keepAliveMs: number
}

export interface ConnectionOptions {
  readonly open: (onread: OnReadOpts) => Socket
  /** The buffer for reading, shared by all connections. */
  readonly buffer: Buffer
  readonly knownNames: KnownNames
  readonly waits: Waits
  /** The turns for reading, shared like the buffer. */
  readonly turns: ReadingTurns
  /** Called when the connection is free for another exchange. */
  readonly onFree: (connection: Connection) => void
  /** Called when the connection will carry nothing more. */
  readonly onGone: (connection: Connection) => void
}

/** RFC 9112 §9.3: the upstream may close while a request is on its way, so the gateway closes well before it. */
const FREE_MARGIN_MS = 1_000
/** Up to this size, head and body are sent in one write. */
const ONE_WRITE_BYTES = 65_536

export class Connection {
  /** The caller whose exchange the connection carries; the pool sets it. */
  holder: string | undefined
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #deadline = createDeadline(() => this.#onDeadline())
  #paused = false
  #waitsForTurn = false
  #stage: 'connecting' | 'waiting' | 'receiving' | 'free' | 'gone' = 'connecting'
  #exchange: UpstreamExchange | undefined
  #reader: ResponseReader | undefined
  /** How many exchanges the connection has carried, with the present one. */
  #turn = 0
  /** Whether it carries nothing after the present exchange. */
  #retired = false
  /** Whether any byte of the answer has come. */
  #heard = false
  #onStale: (() => void) | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#deadline.set(options.waits.connectTimeoutMs)
    const callback = (length: number, bytes: Uint8Array) => this.#onBytes(bytes.subarray(0, length) as Buffer)
    this.#socket = options.open({ buffer: options.buffer, callback })
    this.#socket
      .once('encrypted' in this.#socket ? 'secureConnect' : 'connect', () => this.#onConnected())
      .on('error', (error) => this.#lose(upstreamFailure(error)))
      .on('end', () => this.#onEnd())
      .on('close', () => this.#lose({ reason: 'upstream_unreachable', detail: 'closed' }))
  }

  /**
   * Sends a request, and returns a number for `retire`. `onStale` is called instead of `fail` when this is not the
   * first exchange and the upstream closed the connection before any byte of the answer came: most likely it never read
   * the request (RFC 9110 §9.2.2).
   */
  send({ head, body, onWritten }: Sending, exchange: UpstreamExchange, onStale?: () => void): number {
    this.#turn += 1
    this.#exchange = exchange
    this.#onStale = onStale
    this.#heard = false
    this.#reader = createResponseReader(this.#parts, this.#options.knownNames)
    if (this.#stage === 'free') this.#await()
    if (body === undefined) this.#socket.write(head, 'latin1')
    else if (body.length <= ONE_WRITE_BYTES) {
      this.#socket.write(head + body.toString('latin1'), 'latin1')
      onWritten?.()
    } else {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body, onWritten)
      this.#socket.uncork()
    }
    return this.#turn
  }

  /** Stops reading until `resume`. Bytes that were read already still come. */
  pause(exchange: UpstreamExchange): void {
    if (exchange !== this.#exchange) return
    this.#paused = true
    this.#deadline.clear() // the client is slow, not the upstream
    this.#socket.pause()
  }

  resume(exchange: UpstreamExchange): void {
    if (exchange !== this.#exchange) return
    this.#deadline.set(this.#options.waits.idleTimeoutMs)
    this.#readOn()
  }

  #readOn(): void {
    if (!this.#paused) return
    this.#paused = false
    if (!this.#waitsForTurn) this.#socket.resume()
  }

  readonly #onTurn = (): void => {
    this.#waitsForTurn = false
    if (!this.#paused && this.#stage !== 'gone') this.#socket.resume()
  }

  /** Lets others use the event loop between the pieces of a large answer. */
  #takeTurns(bytes: number): void {
    if (this.#waitsForTurn || this.#options.turns.mayReadOn(this.holder ?? '', bytes, this.#onTurn)) return
    this.#waitsForTurn = true
    this.#socket.pause()
  }

  /** Ends the connection, unless the exchange has ended. The exchange is told nothing more. */
  abort(exchange: UpstreamExchange): void {
    if (exchange === this.#exchange) this.#end()
  }

  /**
   * Lets the connection carry nothing after this exchange, which may have ended already. Does nothing when another
   * exchange has begun.
   */
  retire(turn: number): void {
    if (turn !== this.#turn) return
    this.#retired = true
    if (this.#exchange === undefined) this.#end()
  }

  /** Closes the connection; an exchange under way fails. */
  shutDown(): void {
    this.#break(STOPPING)
  }

  #end(): void {
    this.#exchange = undefined
    if (this.#stage === 'gone') return
    this.#stage = 'gone'
    this.#deadline.clear()
    this.#socket.destroy()
    this.#options.onGone(this)
  }

  /** Passes on what the reader finds, as long as the exchange waits for it. */
  readonly #parts: ResponseParts = {
    head: (status, headers, length) => {
      this.#stage = 'receiving'
      this.#retired = status >= 400 // the answer may have crossed the request, whose own answer still comes (L41)
      this.#exchange?.head(status, headers, length)
    },
    data: (piece) => this.#exchange?.data(piece),
  }

  #onConnected(): void {
    if (this.#stage === 'connecting') this.#await()
  }

  #await(): void {
    this.#stage = 'waiting'
    this.#deadline.set(this.#options.waits.timeoutMs)
  }

  #onBytes(bytes: Buffer): boolean {
    const reader = this.#reader
    if (reader === undefined || this.#exchange === undefined) {
      this.#end() // bytes that answer no request (L32)
      return false
    }
    this.#heard = true
    const fault = reader.push(bytes)
    if (this.#stage === 'gone') return false // the receiver aborted on a piece: the rest of the bytes is dropped
    if (fault !== undefined) this.#break({ reason: 'upstream_invalid', detail: fault })
    else if (reader.done) this.#complete(reader)
    else if (this.#stage === 'receiving') {
      if (!this.#paused) this.#deadline.set(this.#options.waits.idleTimeoutMs)
      this.#takeTurns(bytes.length)
    }
    return true
  }

  #complete({ reusable, keepAliveSeconds }: ResponseReader): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#reader = undefined
    const keepMs = Math.min(
      this.#options.waits.keepAliveMs,
      (keepAliveSeconds ?? Number.POSITIVE_INFINITY) * 1_000 - FREE_MARGIN_MS,
    )
    // An answer may come before the whole request was sent. The rest of it would be read as the next request.
    if (reusable && !this.#retired && keepMs > 0 && this.#socket.writableLength === 0) {
      this.#stage = 'free'
      this.#readOn() // the receiver has the whole body, and the upstream may still close
      this.#deadline.set(keepMs)
      this.#options.onFree(this)
    } else this.#end()
    exchange?.end()
  }

  #onEnd(): void {
    const reader = this.#reader
    const missing = reader === undefined ? undefined : reader.finish()
    if (reader?.done) this.#complete(reader)
    else this.#lose({ reason: 'upstream_unreachable', detail: missing ?? 'closed' })
  }

  #onDeadline(): void {
    const { waits } = this.#options
    if (this.#stage === 'free') this.#end()
    else if (this.#stage === 'connecting') this.#break(late('no connection', waits.connectTimeoutMs))
    else if (this.#stage === 'waiting') this.#break(late('no answer', waits.timeoutMs))
    else this.#break(late('nothing more of the answer', waits.idleTimeoutMs))
  }

  /** Called when the upstream or the network closed the connection. */
  #lose(refusal: Refusal): void {
    const isStale = this.#exchange !== undefined && this.#turn > 1 && !this.#heard
    const onStale = isStale ? this.#onStale : undefined
    if (onStale === undefined) this.#break(refusal)
    else {
      this.#end()
      onStale()
    }
  }

  #break(refusal: Refusal): void {
    const exchange = this.#exchange
    this.#end()
    exchange?.fail(refusal)
  }
}

function late(what: string, ms: number): Refusal {
  return { reason: 'upstream_timeout', detail: `${what} within ${ms} ms` }
}
