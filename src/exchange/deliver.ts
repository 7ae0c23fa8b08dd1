// The upstream's reply on its way to the client: refused, or its status and headers with the body whole or streamed.
// What a body may say is review.ts; how bytes move is relay.ts.
import type { OutgoingHttpHeaders } from 'node:http'
import { isListMethod } from '../core/methods.ts'
import type { Refusal } from '../core/refusal.ts'
import { writeWhole } from '../http/answer.ts'
import { headerOf, mediaTypeOf, type Reply, type ReplyStream } from '../upstream/reply.ts'
import { type RelayedHeaders, relayedHeaders, replyProblem } from '../upstream/response.ts'
import { relayStream } from './relay.ts'
import { type AllowedCall, filtersLists } from './request.ts'
import { createEventReview, createReview, type Review } from './review.ts'
import { SESSION_HEADER, sealSession } from './session.ts'
import type { Hold } from './streams.ts'

export interface Delivery extends AllowedCall {
  readonly reply: Reply
  readonly hold: Hold
  /** Whether the client's leaving ends the upstream's work. */
  readonly cancelOnLeave: boolean
}

/** How much of a JSON answer that is passed on as it comes is kept to see what it said. */
const MAX_OBSERVED_BYTES = 65_536

/** Sends the reply; a refusal when nothing of it may be sent. Resolves when the last byte is on its way. */
export async function deliver(delivery: Delivery): Promise<Refusal | undefined> {
  const { reply, door, facts, message, principal } = delivery
  const problem = replyProblem(reply)
  if (problem) return abandon(reply, problem)
  const headers = relayedHeaders(reply.headers, door.route.identityPrefix, delivery.inbound.own)
  const minted = headerOf(reply.headers, SESSION_HEADER)
  if (minted !== '' && message.era === 'legacy') {
    const sealed = sealSession(door.route, principal, minted)
    if (sealed === undefined) return unusable(reply, 'a session id that is too long')
    headers[SESSION_HEADER] = sealed
  }
  facts.status = reply.status
  if (door.kind === 'messages') return acknowledge(delivery, headers)
  if (Buffer.isBuffer(reply.body)) return deliverWhole(delivery, headers, reply.body)
  return await deliverStream(delivery, headers, reply.body)
}

/** SSE-03: the status says whether the message was taken. A body could be a list that nobody filtered. */
function acknowledge({ reply, inbound }: Delivery, headers: RelayedHeaders): undefined {
  if (!Buffer.isBuffer(reply.body)) reply.body.abort()
  delete headers['content-type']
  writeWhole(inbound.response, reply.status, headers, Buffer.alloc(0))
}

function deliverWhole(delivery: Delivery, headers: RelayedHeaders, body: Buffer): Refusal | undefined {
  const { reply, inbound, door, message, facts } = delivery
  const filters = filtersLists(door.route, message)
  const review = createReview({ ...delivery, route: door.route, filters })
  let sent: Buffer | undefined = body
  if (filters) {
    sent = isJson(reply) ? review(body) : undefined
    makePrivate(headers)
    // L08: the status is the upstream's own, but an error whose body cannot be judged goes on without it.
    if (sent === undefined && reply.status >= 400) sent = Buffer.alloc(0)
    if (sent === undefined) return { reason: 'upstream_invalid', detail: 'a list that cannot be read' }
  } else if (isJson(reply)) review(body)
  writeWhole(inbound.response, reply.status, headers, sent)
  if (inbound.response.destroyed) facts.ending = 'client_closed' // LEG-10
  return undefined
}

async function deliverStream(
  delivery: Delivery,
  headers: RelayedHeaders,
  stream: ReplyStream,
): Promise<Refusal | undefined> {
  const { reply, inbound, door, facts, hold, cancelOnLeave } = delivery
  const { response } = inbound
  const isEvents = mediaTypeOf(reply.headers) === 'text/event-stream'
  if (isEvents && isEncoded(reply)) return unusable(reply, 'a compressed event stream') // L10
  if (isEvents) {
    makePrivate(headers)
    headers['x-accel-buffering'] = 'no' // T26-23
  }
  response.writeHead(reply.status, headers as OutgoingHttpHeaders)
  response.flushHeaders()
  const options = { ...delivery, route: door.route, filters: isEvents && mayCarryLists(delivery) }
  const review = createReview(options)
  const observed = isEvents ? undefined : createObserver(review, isJson(reply))
  facts.ending = await relayStream({
    stream,
    response,
    judge: isEvents ? createEventReview(options, review) : undefined,
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

function unusable(reply: Reply, detail: string): Refusal {
  return abandon(reply, { reason: 'upstream_invalid', detail })
}

function abandon(reply: Reply, refusal: Refusal): Refusal {
  if (!Buffer.isBuffer(reply.body)) reply.body.abort()
  return refusal
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
function mayCarryLists({ inbound, door, message }: Delivery): boolean {
  if (door.route.policy.showsAll) return false
  return inbound.method === 'GET' || message.calls.some(({ method }) => isListMethod(method))
}
