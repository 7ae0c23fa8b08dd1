// Moves a streamed response from the upstream to the client: it buffers at most one event, keeps backpressure in both
// directions, and reports how the stream ended. body-filter.ts decides what may go on.
import type { ServerResponse } from 'node:http'
import type { ResponseEnding } from '../observe/request-record.ts'
import { STOPPING } from '../upstream/failure.ts'
import type { ReplyStream } from '../upstream/reply.ts'
import type { BodyFilter, BreakCause } from './body-filter.ts'
import { OutputRoom } from './output-room.ts'
import type { Silence, WatchedStream } from './silence.ts'
import type { EndStream } from './streams.ts'

const COMMENT = Buffer.from(':\n\n')
/** How many bytes may wait for a client before the upstream has to wait: two large reads. */
const MAX_UNSENT_BYTES = 131_072
/** D03: how long a client may read nothing, in milliseconds. */
const STALL_MS = 120_000
/**
 * LEG-10: how long an answer is still read for a client that left without cancelling and cannot resume, in
 * milliseconds.
 */
const UNWATCHED_MS = 60_000

export interface StreamOptions {
  readonly stream: ReplyStream
  readonly response: ServerResponse
  readonly filter: BodyFilter
  readonly silence: Silence
  /** Writes the head; called before the first byte. */
  readonly begin: () => void
  /** Whether it is an event stream, which begins at once and is never silent for long. */
  readonly isEvents: boolean
  /**
   * Whether the stream only listens. It then begins with a comment, since a proxy may hold the head back until a byte
   * follows (L72).
   */
  readonly listens: boolean
  /** Whether the client's leaving ends the upstream's work: it does in 2026-07-28, and for a stream that only listens. */
  readonly cancelOnLeave: boolean
  /** Called once with a function that ends the stream in order. */
  readonly onOpen: (end: EndStream) => void
}

/**
 * Resolves when nothing more will be read or written; rejects when a judge throws, which is a bug. When the stream
 * broke off before anything was written, the response is left for another answer.
 */
export function relayStream(options: StreamOptions): Promise<ResponseEnding> {
  const { promise, resolve, reject } = Promise.withResolvers<ResponseEnding>()
  new Relay(options, resolve, reject).start()
  return promise
}

class Relay {
  readonly #options: StreamOptions
  readonly #resolve: (ending: ResponseEnding) => void
  readonly #reject: (error: unknown) => void
  #begun = false
  #settled = false
  #left = false
  readonly #room = new OutputRoom()
  /** Bytes that were written for a client that has not taken them yet. */
  #unsent = 0
  /** Watches for silence; for an event stream only. */
  #watched: WatchedStream | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(
    options: StreamOptions,
    resolve: (ending: ResponseEnding) => void,
    reject: (error: unknown) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const { stream, response, filter, isEvents, listens, onOpen } = this.#options
    if (isEvents) this.#begin()
    if (isEvents && listens) response.write(COMMENT)
    response.on('close', () => this.#onClose())
    if (isEvents) this.#watched = this.#options.silence.watch(() => this.#breakSilence())
    onOpen((last, resumption) => this.#finish(last ?? (filter.canResume() ? undefined : resumption)))
    stream.start({
      data: (chunk) => {
        try {
          this.#onData(chunk)
        } catch (error) {
          this.#onBug(error)
        }
      },
      end: () => this.#onEnd(),
      fail: (why) => {
        if (this.#left) this.#settle('client_closed')
        else this.#breakOff(why === STOPPING ? 'stopping' : 'broken_off')
      },
    })
    if (response.destroyed) this.#onClose() // it left before the answer began
  }

  #breakSilence(): void {
    const { response, filter } = this.#options
    this.#room.empty()
    if (filter.isBetween()) response.write(COMMENT)
  }

  #unwatch(): void {
    if (this.#watched !== undefined) this.#options.silence.forget(this.#watched)
  }

  #begin(): void {
    if (!this.#begun) this.#options.begin()
    this.#begun = true
  }

  #onData(chunk: Buffer): void {
    if (this.#left || this.#settled) return
    this.#room.expect(chunk.length)
    const goesOn = this.#options.filter.push(chunk, this.#room)
    const out = this.#room.take()
    if (out.length > 0) this.#write(out)
    if (!goesOn) this.#breakOff('fault')
  }

  #write(out: Buffer): void {
    const { stream, response, silence } = this.#options
    this.#begin()
    if (this.#watched !== undefined) silence.broken(this.#watched)
    this.#unsent += out.length
    response.write(out, (error) => this.#onSent(out, error))
    if (this.#unsent <= MAX_UNSENT_BYTES) return
    stream.pause()
    clearTimeout(this.#patience) // chunks may still come after a pause
    this.#patience = setTimeout(() => response.destroy(), STALL_MS)
  }

  /** Called when the client has the bytes, or can never get them. */
  #onSent(out: Buffer, error: Error | null | undefined): void {
    const waited = this.#unsent > MAX_UNSENT_BYTES
    this.#unsent -= out.length
    if (error || this.#left || this.#settled) return
    this.#room.giveBack(out)
    if (!waited || this.#unsent > MAX_UNSENT_BYTES) return
    clearTimeout(this.#patience)
    this.#options.stream.resume()
  }

  /**
   * Ends this stream on a bug. Pieces come in socket events, where a thrown error would end the process and everybody's
   * streams.
   */
  #onBug(error: unknown): void {
    this.#options.stream.abort()
    this.#reject(error)
    this.#cut('upstream_aborted')
  }

  #onEnd(): void {
    const { response, filter } = this.#options
    if (this.#left) this.#settle('client_closed')
    else if (filter.end()) {
      this.#begin()
      response.end()
      this.#settle('complete')
    } else this.#breakOff('broken_off')
  }

  /**
   * Sends nothing more of the body. The stream ends in order where the waiting requests can be told; otherwise it is
   * cut short (L70).
   */
  #breakOff(cause: BreakCause): void {
    if (this.#settled) return
    const { stream, response, filter } = this.#options
    stream.abort()
    const last = filter.lastWords(cause)
    const ending = cause === 'stopping' ? 'gateway_closed' : 'upstream_aborted'
    if (last === undefined) this.#cut(ending)
    else {
      this.#resolveOnce(ending)
      response.end(last)
    }
  }

  #onClose(): void {
    if (this.#settled) return
    const { stream, filter, cancelOnLeave } = this.#options
    this.#left = true
    this.#unwatch()
    clearTimeout(this.#patience)
    // A server does not let a client resume a stream that it still writes to: the TypeScript SDK answers 409.
    if (cancelOnLeave || filter.canResume()) {
      stream.abort()
      this.#settle('client_closed')
      return
    }
    this.#patience = setTimeout(() => {
      stream.abort()
      this.#settle('client_closed')
    }, UNWATCHED_MS)
    stream.resume()
  }

  /** Ends the stream in order: sends the last event, then the end. */
  #finish(last: Buffer | undefined): void {
    if (this.#settled) return
    const { stream, response, filter } = this.#options
    stream.abort()
    const left = this.#left || response.destroyed
    this.#resolveOnce(left ? 'client_closed' : 'gateway_closed')
    if (!left) response.end(filter.isBetween() ? last : undefined)
  }

  /** L27: a response that was cut short must not look whole. */
  #cut(ending: ResponseEnding): void {
    if (this.#settled) return
    this.#resolveOnce(ending)
    if (this.#begun && !this.#left) this.#options.response.destroy()
  }

  #settle(ending: ResponseEnding): void {
    if (!this.#settled) this.#resolveOnce(ending)
  }

  #resolveOnce(ending: ResponseEnding): void {
    this.#settled = true
    this.#unwatch()
    clearTimeout(this.#patience)
    this.#resolve(ending)
  }
}
