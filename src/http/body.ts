// The body of one request, read whole: by the bytes that come, within a limit, a deadline and a budget for all
// requests together. Knows nothing of what the body means.
import type { IncomingMessage } from 'node:http'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { createShares, type Shares, type Shortage, shareOf } from '../core/shares.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { Inbound } from './inbound.ts'
import { mediaTypeProblem } from './media-type.ts'

export interface BodyBudget {
  /** M33: how long a body may take to arrive, in milliseconds. */
  readonly deadlineMs: number
  /** D10: bytes of request bodies that may be in memory at one time, over all requests. */
  readonly maxBufferedBytes: number
}

export const BODY_BUDGET: BodyBudget = { deadlineMs: 10_000, maxBufferedBytes: 128 * 1024 * 1024 }

/** A body in memory. It holds its place in the budget until it was written, or will never be. */
export class BufferedBody {
  #bytes: Buffer | undefined
  readonly #memory: Shares
  readonly #caller: string
  readonly #counted: number

  /** `counted`: the bytes of the budget that its caller holds. */
  constructor(bytes: Buffer, memory: Shares, caller: string, counted: number) {
    this.#bytes = bytes
    this.#memory = memory
    this.#caller = caller
    this.#counted = counted
  }

  /** Undefined once it was released. */
  get bytes(): Buffer | undefined {
    return this.#bytes
  }

  /** Puts other bytes in their place, no more of them. */
  shorten(bytes: Buffer): void {
    if (this.#bytes !== undefined) this.#bytes = bytes
  }

  readonly release = (): void => {
    if (this.#bytes === undefined) return
    this.#bytes = undefined
    this.#memory.give(this.#caller, this.#counted)
  }
}

/**
 * The whole body, or why not; at once where it is all here. `limitBytes` is the route's own limit, `caller` whom the
 * memory counts for.
 */
export type ReadBody = (
  inbound: Inbound,
  limitBytes: number,
  caller: string,
) => MaybeAsync<Result<BufferedBody>>

const BROKEN: Refusal = { reason: 'request_malformed', detail: 'the body broke off' }
/** A body that waits would be in the memory of the system instead. So it is refused, and its sender tries again. */
const NO_ROOM: Readonly<Record<Shortage, Refusal>> = {
  share: { reason: 'rate_limited', limit: 'share_per_caller', retryAfterSeconds: 1 },
  full: { reason: 'overloaded', detail: 'too many request bodies in memory' },
}

/** `sharePerCaller`: the part of the memory that the bodies of one caller may take. */
export function createBodyReader(
  { deadlineMs, maxBufferedBytes }: BodyBudget,
  sharePerCaller: number,
): ReadBody {
  const memory = createShares({ size: maxBufferedBytes, share: shareOf(maxBufferedBytes, sharePerCaller) })
  return ({ request, response, fields }, limitBytes, caller) => {
    const tooLarge: Refusal = { reason: 'body_too_large', limitBytes }
    const declared = Number(request.headers['content-length'] ?? 0)
    if (declared > limitBytes) return refuse(tooLarge)
    const unsupported = mediaTypeProblem(fields)
    if (unsupported) return refuse(unsupported)
    const shortage = memory.take(caller, declared) // before any of it is here
    if (shortage !== undefined) return refuse(NO_ROOM[shortage])
    if (declared > 0 && request.readableLength === declared)
      return ok(new BufferedBody(takeWhole(request, declared), memory, caller, declared))
    if (request.destroyed) {
      memory.give(caller, declared)
      return refuse(BROKEN)
    }
    if (request.headers.expect !== undefined) response.writeContinue()

    const { promise, resolve } = Promise.withResolvers<Result<BufferedBody>>()
    const chunks: Buffer[] = []
    let length = 0
    let counted = declared
    const finish = (result: Result<BufferedBody>) => {
      clearTimeout(deadline)
      request.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
      request.on('error', ignore) // a socket that breaks later is the client's own business
      chunks.length = 0 // the closures that live on must not keep the pieces
      if (!result.ok) memory.give(caller, counted)
      resolve(result)
    }
    const deadline = setTimeout(() => finish(refuse({ reason: 'body_timeout' })), deadlineMs)
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (length > limitBytes) return finish(refuse(tooLarge)) // D11: by the bytes that came, whatever was declared
      const more = Math.max(0, length - counted)
      const lacking = memory.take(caller, more)
      if (lacking === undefined) counted += more
      else finish(refuse(NO_ROOM[lacking]))
    })
    request.on('end', () => {
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      finish(ok(new BufferedBody(whole, memory, caller, counted)))
    })
    request.on('error', () => finish(refuse(BROKEN)))
    return promise
  }
}

/** A function of its own, since the request keeps its listeners, and a closure would keep every piece of the body. */
function ignore(): void {}

/** A body that came with its head needs no listener and no timer; node ends the request when its answer has gone. */
function takeWhole(request: IncomingMessage, length: number): Buffer {
  return request.read(length) as Buffer // without a length it may be the first piece only
}
