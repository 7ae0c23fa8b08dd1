// A streamed response on its way from the upstream to the client: nothing is buffered beyond one event,
// backpressure holds in both directions, and the end is reported. What an event may say is decided elsewhere
// (`judge`); this file moves bytes.
import type { ServerResponse } from 'node:http'
import { createEventSplitter, type StreamEvent } from '../mcp/events.ts'
import type { Ending } from '../observe/facts.ts'
import type { ReplyStream } from '../upstream/reply.ts'

/** T26-23: silence is broken well before the 30 s after which intermediaries lose patience. */
const KEEP_ALIVE_MS = 15_000
const KEEP_ALIVE_COMMENT = Buffer.from(':\n\n')
/** D03: how long a client may refuse to read. */
const STALL_MS = 120_000
/** LEG-10: how long an answer is still read for a client that left without cancelling. */
const UNWATCHED_MS = 60_000
const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** One event as it may go on; undefined when it must not, and the stream cannot be trusted further. */
export type EventJudge = (event: StreamEvent) => Buffer | undefined

export interface StreamOptions {
  readonly stream: ReplyStream
  readonly response: ServerResponse
  /** Undefined for a body that is no event stream. */
  readonly judge: EventJudge | undefined
  /** Sees each chunk of a body that is no event stream. */
  readonly observe: ((chunk: Buffer) => void) | undefined
  /** Whether the client's leaving ends the upstream's work: it does in 2026-07-28, and for a stream that only listens. */
  readonly cancelOnLeave: boolean
  /** Called once with a function that ends the stream in order, sending `last` first. */
  readonly onOpen: (end: (last: Buffer | undefined) => void) => void
}

/**
 * Resolves when nothing more will be read or written; rejects when a judge throws, which is a bug. The response's head
 * has been written.
 */
export function relayStream(options: StreamOptions): Promise<Ending> {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>()
  new Relay(options, resolve, reject).start()
  return promise
}

class Relay {
  readonly #options: StreamOptions
  readonly #resolve: (ending: Ending) => void
  readonly #reject: (error: unknown) => void
  readonly #split: ((chunk: Buffer) => Buffer | undefined) | undefined
  #settled = false
  #left = false
  #keepAlive: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(options: StreamOptions, resolve: (ending: Ending) => void, reject: (error: unknown) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#split = options.judge && eventTransform(options.judge)
  }

  start(): void {
    const { stream, response, onOpen } = this.#options
    response.on('close', () => this.#onClose())
    response.on('drain', () => {
      clearTimeout(this.#patience)
      stream.resume()
    })
    if (this.#split) this.#keepAlive = setInterval(() => response.write(KEEP_ALIVE_COMMENT), KEEP_ALIVE_MS)
    onOpen((last) => this.#finish(last))
    stream.start({
      data: (chunk) => {
        try {
          this.#onData(chunk)
        } catch (error) {
          this.#onBug(error)
        }
      },
      end: () => this.#onEnd(),
      fail: () => this.#settle(this.#left ? 'client_closed' : 'upstream_aborted'),
    })
    if (response.destroyed) this.#onClose() // it left before there was an answer
  }

  #onData(chunk: Buffer): void {
    if (this.#left || this.#settled) return
    const { stream, response, observe } = this.#options
    observe?.(chunk)
    const out = this.#split ? this.#split(chunk) : chunk
    if (out === undefined) {
      stream.abort()
      this.#settle('upstream_aborted')
      return
    }
    if (out.length === 0) return
    this.#keepAlive?.refresh()
    if (!response.write(out)) {
      stream.pause()
      clearTimeout(this.#patience) // chunks may still come after a pause
      this.#patience = setTimeout(() => response.destroy(), STALL_MS)
    }
  }

  /** Pieces come from the event of a socket: what is thrown there would end the process, with everybody's streams. */
  #onBug(error: unknown): void {
    this.#options.stream.abort()
    this.#reject(error)
    this.#settle('upstream_aborted')
  }

  #onEnd(): void {
    if (!this.#left) this.#options.response.end()
    this.#settle(this.#left ? 'client_closed' : 'complete')
  }

  #onClose(): void {
    if (this.#settled) return
    const { stream, cancelOnLeave } = this.#options
    this.#left = true
    clearInterval(this.#keepAlive)
    clearTimeout(this.#patience)
    if (cancelOnLeave) {
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

  /** The gateway's own end of a stream, in order: the last event, then the end. */
  #finish(last: Buffer | undefined): void {
    if (this.#settled) return
    const { stream, response } = this.#options
    stream.abort()
    this.#resolveOnce('gateway_closed')
    if (!this.#left) response.end(last)
  }

  #settle(ending: Ending): void {
    if (this.#settled) return
    this.#resolveOnce(ending)
    // L27: a response that was cut short must not look whole.
    if (ending === 'upstream_aborted' && !this.#left) this.#options.response.destroy()
  }

  #resolveOnce(ending: Ending): void {
    this.#settled = true
    clearInterval(this.#keepAlive)
    clearTimeout(this.#patience)
    this.#resolve(ending)
  }
}

/** Chunks in, whole judged events out; undefined when the judge or the size of an event ends the stream. */
function eventTransform(judge: EventJudge): (chunk: Buffer) => Buffer | undefined {
  const splitter = createEventSplitter({ maxEventBytes: MAX_EVENT_BYTES })
  return (chunk) => {
    const events = splitter.push(chunk)
    if (events === undefined) return undefined
    const out: Buffer[] = []
    for (const event of events) {
      const judged = judge(event)
      if (judged === undefined) return undefined
      out.push(judged)
    }
    return out.length === 1 ? out[0] : Buffer.concat(out)
  }
}
