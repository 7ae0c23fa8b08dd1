// An upstream as the exchange sees it: it sends a request, returns a reply, and remembers how the upstream fares. It
// follows no redirect, and sends nothing twice except a request that allows it (`onResent`).
import { type Era, type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { PartStatus } from '../core/route.ts'
import type { HttpUpstreamSettings } from '../core/settings.ts'
import { batchPerTurn } from '../core/turn.ts'
import { type Connections, createConnections, createLeg, NO_ROOM, type Outgoing } from './connections.ts'
import { STOPPING } from './failure.ts'
import { createHealth } from './health.ts'
import type { HeaderInput, HeaderWriter } from './identity-headers.ts'
import { IncomingReply } from './incoming-reply.ts'
import type { ReadingTurns } from './reading-turns.ts'
import type { Reply } from './reply.ts'
import { type RequestHead, writeRequestHead } from './request-head.ts'

/** The connections for calls; streams have connections of their own. */
const MAX_CONNECTIONS = 1_024

export interface UpstreamBounds {
  /** How many connections streams may have. */
  readonly streams: number
  readonly sharePerCaller: number
  /** The turns for reading, shared by all upstreams; absent: this upstream has its own. */
  readonly turns?: ReadingTurns
}

export interface UpstreamRequest extends Omit<Outgoing, 'head'>, Omit<RequestHead, 'lines'> {
  /** The era of its message; `legacy` for a request without one. */
  readonly era: Era
  /** What the header lines of the request are made of. */
  readonly headers: HeaderInput
  /** Whether the answer may stay open for hours. It then takes no connection from calls. */
  readonly isStream: boolean
  /** A JSON answer of up to this many bytes is buffered, because it has to be read before it is sent on. */
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
  /** What `status` says, without making an object, since a stranger may ask it for every route. */
  isReady(): boolean
  /** Ends its connections; calls under way fail. */
  close(): void
}

/** What settles a request: its outcome, for the health of the upstream, and its reply. */
interface Settled {
  readonly resolve: (result: Result<Reply>) => void
  readonly result: Result<Reply>
}

export function createUpstream(
  settings: HttpUpstreamSettings,
  name: string,
  writeHeaders: HeaderWriter,
  bounds: UpstreamBounds,
): Upstream {
  let pools: Pools | undefined // made with the first call
  const health = createHealth(name, () => performance.now())
  const settle = batchPerTurn<Settled>(({ resolve, result }) => resolve(result))
  let closed = false
  return {
    send(request) {
      if (closed) return refused(STOPPING)
      const { caller, method, target, body, onWritten, onResent } = request
      const head = writeRequestHead({ method, target, lines: writeHeaders(request.headers), body })
      const { promise, resolve } = Promise.withResolvers<Result<Reply>>()
      const incoming = new IncomingReply(request.bufferJsonUpTo, (result) => {
        // A client that left, or callers who fill the pool, say nothing about the upstream.
        if (result.ok) health.succeeded()
        else if (!incoming.aborted && result.refusal.reason !== 'overloaded') health.failed(result.refusal)
        settle({ resolve, result })
      })
      pools ??= createPools(settings, bounds)
      const pool = request.isStream ? pools.forStreams : pools.forCalls
      incoming.carried = pool.carry({ caller, head, body, onWritten, onResent }, incoming)
      if (incoming.carried === undefined) return refused(NO_ROOM)
      return { reply: promise, abort: () => incoming.abort() }
    },
    status: health.status,
    isReady: health.isReady,
    close() {
      closed = true
      pools?.forCalls.close()
      pools?.forStreams.close()
    },
  }
}

interface Pools {
  readonly forCalls: Connections
  readonly forStreams: Connections
}

function createPools(
  settings: HttpUpstreamSettings,
  { streams, sharePerCaller, turns }: UpstreamBounds,
): Pools {
  const leg = createLeg(settings, turns)
  const listening = { ...leg, waits: { ...leg.waits, idleTimeoutMs: Number.POSITIVE_INFINITY } } // L71
  return {
    forCalls: createConnections(leg, { connections: MAX_CONNECTIONS, sharePerCaller }),
    forStreams: createConnections(listening, { connections: streams, sharePerCaller }),
  }
}

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
