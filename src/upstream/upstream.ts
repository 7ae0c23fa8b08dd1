// An upstream as the exchange sees it: a request goes out, a reply comes back, and how it fares is remembered. Never
// retries and never follows a redirect.
import { type Refusal, type Result, refuse } from '../core/refusal.ts'
import type { PartStatus } from '../core/route.ts'
import type { UpstreamSettings } from '../core/settings.ts'
import { together } from '../core/together.ts'
import { createConnections } from './connections.ts'
import { createHealth } from './health.ts'
import { IncomingReply } from './incoming-reply.ts'
import type { Reply } from './reply.ts'

/** D08: requests without an answer yet, whether under way or waiting for a connection. */
const MAX_UNANSWERED = 2_048

export interface UpstreamRequest {
  /** Request line and header fields in latin1, with the empty line. */
  readonly head: string
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
  close(): void
}

/** What a request came to, and whom to tell. */
interface Settled {
  readonly resolve: (result: Result<Reply>) => void
  readonly result: Result<Reply>
}

export function createUpstream(settings: UpstreamSettings, name: string): Upstream {
  const connections = createConnections(settings)
  const health = createHealth(name, () => performance.now())
  const settle = together<Settled>(({ resolve, result }) => resolve(result))
  let unanswered = 0
  let closed = false
  return {
    send({ head, body, bufferJsonUpTo }) {
      if (closed) return refused({ reason: 'upstream_unreachable', detail: 'shut down' })
      if (unanswered >= MAX_UNANSWERED)
        return refused({ reason: 'overloaded', detail: 'too many requests wait for the upstream' })
      unanswered += 1
      const { promise, resolve } = Promise.withResolvers<Result<Reply>>()
      const incoming = new IncomingReply(bufferJsonUpTo, (result) => {
        unanswered -= 1
        if (result.ok) health.succeeded()
        else if (!incoming.aborted) health.failed(result.refusal) // a client that left says nothing about the upstream
        settle({ resolve, result })
      })
      incoming.carried = connections.carry(head, body, incoming)
      return { reply: promise, abort: () => incoming.abort() }
    },
    status: health.status,
    close() {
      closed = true
      connections.close()
    },
  }
}

function refused(refusal: Refusal): Sent {
  return { reply: Promise.resolve(refuse(refusal)), abort() {} }
}
