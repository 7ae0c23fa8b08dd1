// An upstream as the exchange sees it: a request goes out, a reply comes back, and how it fares is remembered. Follows no
// redirect, and sends nothing twice but what says that it may be (`onResent`).
import { type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { PartStatus } from '../core/route.ts'
import type { UpstreamSettings } from '../core/settings.ts'
import { batchPerTurn } from '../core/turn.ts'
import { type Connections, createConnections, createLeg, NO_ROOM, type Outgoing } from './connections.ts'
import { STOPPING } from './failure.ts'
import type { HeaderInput, HeaderWriter } from './headers.ts'
import { createHealth } from './health.ts'
import { IncomingReply } from './incoming-reply.ts'
import type { ReadingTurns } from './reading-turns.ts'
import type { Reply } from './reply.ts'
import { type RequestHead, writeRequestHead } from './request-head.ts'

/** For calls; streams have their own. */
const MAX_CONNECTIONS = 1_024

export interface UpstreamBounds {
  /** Connections for streams. */
  readonly streams: number
  readonly sharePerCaller: number
  /** Of all upstreams together; absent: of this one. */
  readonly turns?: ReadingTurns
}

export interface UpstreamRequest extends Omit<Outgoing, 'head'>, Omit<RequestHead, 'lines'> {
  /** What its header lines are made of. */
  readonly headers: HeaderInput
  /** Whether what comes may stay open for hours: then it takes no connection from calls. */
  readonly isStream: boolean
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
  /** What `status` says, made of nothing: a stranger may ask it for every route. */
  isReady(): boolean
  /** Ends its connections; what is under way fails. */
  close(): void
}

/** Settles a request: its outcome for the health of the upstream, and its reply. */
interface Settled {
  readonly resolve: (result: Result<Reply>) => void
  readonly result: Result<Reply>
}

export function createUpstream(
  settings: UpstreamSettings,
  name: string,
  writeHeaders: HeaderWriter,
  bounds: UpstreamBounds,
): Upstream {
  let pools: Pools | undefined // a route that nobody calls has none
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
        // Neither a client that left nor callers who fill the pool say anything about the upstream.
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

function createPools(settings: UpstreamSettings, { streams, sharePerCaller, turns }: UpstreamBounds): Pools {
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
