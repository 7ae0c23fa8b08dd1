// An upstream over one undici pool. Uses `dispatch` with its own handler: no promise per chunk, no web stream,
// no AbortSignal (ARCHITECTURE.md, Speed). Deliberately never retries and never follows a redirect.
import { type Dispatcher, Pool } from 'undici'
import { ok, type Result, refuse } from '../core/refusal.ts'
import type { PartStatus } from '../core/route.ts'
import type { UpstreamSettings } from '../core/settings.ts'
import { errorCode, upstreamFailure } from './failure.ts'
import { createHealth } from './health.ts'
import { guardedLookup } from './lookup.ts'
import {
  headerOf,
  mediaTypeOf,
  type Reply,
  type ReplyHeaders,
  type ReplySink,
  type ReplyStream,
} from './reply.ts'

const MAX_CONNECTIONS = 1_024
/** D08: requests without an answer yet, whether under way or waiting for a connection. */
const MAX_UNANSWERED = 2_048
const MAX_HEADER_BYTES = 16_384
/** L29: a response may be preceded by this many 1xx ones. */
const MAX_INTERIM_RESPONSES = 10
const SMALL_BODY_BYTES = 65_536

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query, built from configuration and a query that was checked. */
  readonly path: string
  readonly headers: string[]
  readonly body: Buffer | undefined
  /** Buffer a JSON answer of any size up to this many bytes, because it has to be read before it is sent on. */
  readonly bufferJsonUpTo: number
}

/** A request on its way. `abort` may be called at any time and more than once. */
export interface Sent {
  readonly reply: Promise<Result<Reply>>
  readonly abort: () => void
}

export interface Upstream {
  send(request: UpstreamRequest): Sent
  status(): PartStatus
  /** Ends its connections; what is under way fails. */
  close(): Promise<void>
}

export function createUpstream(settings: UpstreamSettings, name: string): Upstream {
  const url = new URL(settings.url)
  const pool = new Pool(url.origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1, // L32: never two requests on a socket
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.idleTimeoutMs,
    connect: {
      timeout: settings.connectTimeoutMs,
      lookup: guardedLookup,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    },
  })
  const health = createHealth(name, () => performance.now())
  let unanswered = 0
  return {
    send(request) {
      if (unanswered >= MAX_UNANSWERED) {
        const busy = refuse({ reason: 'overloaded', detail: 'too many requests wait for the upstream' })
        return { reply: Promise.resolve(busy), abort() {} }
      }
      unanswered += 1
      return dispatch(pool, request, (result, aborted) => {
        unanswered -= 1
        if (result.ok) health.succeeded()
        else if (!aborted) health.failed(result.refusal) // a client that left says nothing about the upstream
      })
    },
    status: health.status,
    close: () => pool.destroy(),
  }
}

/** `answered` is called once. */
function dispatch(
  pool: Pool,
  request: UpstreamRequest,
  answered: (result: Result<Reply>, aborted: boolean) => void,
): Sent {
  const { promise, resolve } = Promise.withResolvers<Result<Reply>>()
  const handler = new ReplyHandler(request.bufferJsonUpTo, (result) => {
    answered(result, handler.aborted)
    resolve(result)
  })
  pool.dispatch(
    { path: request.path, method: request.method, headers: request.headers, body: request.body ?? null },
    handler,
  )
  return { reply: promise, abort: () => handler.abort() }
}

class ReplyHandler implements Dispatcher.DispatchHandler, ReplyStream {
  readonly #bufferJsonUpTo: number
  readonly #answer: (result: Result<Reply>) => void
  #answered = false
  #controller: Dispatcher.DispatchController | undefined
  #aborted = false
  #interim = 0
  #status = 0
  #headers: ReplyHeaders = {}
  /** Set while the body is collected; undefined while it is streamed. */
  #chunks: Buffer[] | undefined
  #collected = 0
  #sink: ReplySink | undefined

  constructor(bufferJsonUpTo: number, answer: (result: Result<Reply>) => void) {
    this.#bufferJsonUpTo = bufferJsonUpTo
    this.#answer = answer
  }

  get aborted(): boolean {
    return this.#aborted
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(new Error('client gone'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    if (status < 200) {
      this.#interim += 1
      if (this.#interim > MAX_INTERIM_RESPONSES || status === 101) this.#give(controller, 'interim responses')
      return
    }
    this.#status = status
    this.#headers = headers
    if (this.#collects()) {
      this.#chunks = []
      return
    }
    controller.pause()
    this.#settle(ok({ status, headers, body: this }))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#chunks === undefined) {
      this.#sink?.data(chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#collected += chunk.length
    if (this.#collected > Math.max(this.#bufferJsonUpTo, SMALL_BODY_BYTES)) {
      this.#give(controller, 'answer larger than the limit for a list')
    }
  }

  onResponseEnd(): void {
    if (this.#chunks === undefined) {
      this.#sink?.end()
      return
    }
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#settle(ok({ status: this.#status, headers: this.#headers, body }))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(refuse(upstreamFailure(error)))
    if (!this.#aborted) this.#sink?.fail(errorCode(error))
  }

  start(sink: ReplySink): void {
    this.#sink = sink
    this.#controller?.resume()
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#controller?.abort(new Error('client gone'))
  }

  /** The first answer counts; what breaks afterwards is for the sink. */
  #settle(result: Result<Reply>): void {
    if (this.#answered) return
    this.#answered = true
    this.#answer(result)
  }

  #collects(): boolean {
    const type = mediaTypeOf(this.#headers)
    if (type === 'text/event-stream') return false
    if (this.#bufferJsonUpTo > 0) return true
    const length = headerOf(this.#headers, 'content-length')
    return length !== '' && Number(length) <= SMALL_BODY_BYTES
  }

  #give(controller: Dispatcher.DispatchController, detail: string): void {
    this.#settle(refuse({ reason: 'upstream_invalid', detail }))
    this.#aborted = true
    controller.abort(new Error(detail))
  }
}
