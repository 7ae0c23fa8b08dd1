// The upstream's reply on its way back: what may be said of it, then the bytes. A reply that had to be read
// whole is reviewed whole; a stream is reviewed event by event while it flows.
import type { Message } from '../core/call.ts'
import { isListMethod } from '../core/methods.ts'
import type { Principal } from '../core/principal.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Inbound } from '../http/inbound.ts'
import type { Facts } from '../observe/facts.ts'
import { headerOf, mediaTypeOf, type Reply, type ReplyStream } from '../upstream/reply.ts'
import { type RelayedHeaders, relayedHeaders, replyProblem } from '../upstream/response.ts'
import { type EventJudge, relayStream } from './relay.ts'
import { filtersLists } from './request.ts'
import { createEventReview, createReview, type Review } from './review.ts'
import type { Door } from './route.ts'
import { SESSION_HEADER, sealSession } from './session.ts'
import type { Hold } from './streams.ts'

export interface Delivery {
  readonly reply: Reply
  readonly inbound: Inbound
  readonly door: Door
  readonly principal: Principal | undefined
  readonly message: Message
  readonly facts: Facts
  readonly hold: Hold
  readonly cancelOnLeave: boolean
}

/** How much of a JSON answer that is passed on as it comes is kept to see what it said. */
const MAX_OBSERVED_BYTES = 65_536

/** Sends the reply; a refusal when nothing of it may be sent. Resolves when the last byte is on its way. */
export async function deliver(delivery: Delivery): Promise<Refusal | undefined> {
  const { reply, door, facts, message, principal } = delivery
  const problem = replyProblem(reply)
  if (problem) {
    abandon(reply)
    return problem
  }
  const headers = relayedHeaders(reply.headers, door.route.identityPrefix)
  const minted = headerOf(reply.headers, SESSION_HEADER)
  if (minted !== '' && message.era === 'legacy') headers[SESSION_HEADER] = sealSession(door.route, principal, minted)
  facts.status = reply.status
  const review = createReview({ route: door.route, principal, message, facts })
  if (Buffer.isBuffer(reply.body)) return deliverWhole(delivery, headers, reply.body, review)
  return await deliverStream(delivery, headers, reply.body, review)
}

function deliverWhole(
  { reply, inbound, door, message }: Delivery,
  headers: RelayedHeaders,
  body: Buffer,
  review: Review,
): Refusal | undefined {
  let sent: Buffer | undefined = body
  if (filtersLists(door.route, message)) {
    sent = isJson(reply) ? review(body) : undefined
    makePrivate(headers)
    // L08: the status is the upstream's own, but an error whose body cannot be judged goes on without it.
    if (sent === undefined && reply.status >= 400) sent = Buffer.alloc(0)
    if (sent === undefined) return { reason: 'upstream_invalid', detail: 'a list that cannot be read' }
  } else if (isJson(reply)) review(body)
  inbound.response.writeHead(reply.status, { ...headers, 'content-length': sent.length } as NodeHeaders)
  inbound.response.end(sent)
  return undefined
}

type NodeHeaders = Record<string, string | string[] | number>

async function deliverStream(
  delivery: Delivery,
  headers: RelayedHeaders,
  stream: ReplyStream,
  review: Review,
): Promise<Refusal | undefined> {
  const { reply, inbound, facts, hold, cancelOnLeave } = delivery
  const { response } = inbound
  const isEvents = mediaTypeOf(reply.headers) === 'text/event-stream'
  if (isEvents && isEncoded(reply)) {
    stream.abort()
    return { reason: 'upstream_invalid', detail: 'a compressed event stream' } // L10
  }
  if (isEvents) {
    makePrivate(headers)
    headers['x-accel-buffering'] = 'no' // T26-23
  }
  response.writeHead(reply.status, headers as NodeHeaders)
  response.flushHeaders()
  const observed = isEvents ? undefined : createObserver(review, isJson(reply))
  const judge: EventJudge | undefined = isEvents ? createEventReview(delivery, review) : undefined
  facts.ending = await relayStream({
    stream,
    response,
    judge,
    observe: observed?.take,
    cancelOnLeave,
    onOpen: (end) => hold.opened(end),
  })
  observed?.end()
  return undefined
}

/** L12, L14: a filtered list is one caller's own, also for the caches between. */
function makePrivate(headers: RelayedHeaders): void {
  delete headers['etag']
  delete headers['last-modified']
  headers['cache-control'] = 'no-store'
}

function isJson(reply: Reply): boolean {
  return mediaTypeOf(reply.headers) === 'application/json' && !isEncoded(reply)
}

function isEncoded({ headers }: Reply): boolean {
  const coding = headerOf(headers, 'content-encoding')
  return coding !== '' && coding.toLowerCase() !== 'identity'
}

function abandon(reply: Reply): void {
  if (!Buffer.isBuffer(reply.body)) reply.body.abort()
}

/** Looks at a JSON answer that is passed on as it comes, when it turns out to be a small one. */
function createObserver(review: Review, json: boolean) {
  const chunks: Buffer[] = []
  let length = 0
  return {
    take(chunk: Buffer) {
      length += chunk.length
      if (json && length <= MAX_OBSERVED_BYTES) chunks.push(chunk)
    },
    end() {
      if (json && length <= MAX_OBSERVED_BYTES) review(Buffer.concat(chunks))
    },
  }
}

/** Whether an event of this exchange may carry a list although no list was asked for on it (SCP-02). */
export function mayCarryLists({ inbound, door, message }: Delivery): boolean {
  if (door.route.policy.showsAll) return false
  return inbound.method === 'GET' || message.calls.some(({ method }) => isListMethod(method))
}
