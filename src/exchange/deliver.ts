// The upstream's reply on its way to the client: refused, or its status and headers with the body whole or streamed.
// What a body may say is review.ts; how bytes move is relay.ts.
import { isListMethod } from '../core/methods.ts'
import type { Refusal } from '../core/refusal.ts'
import { writeHead, writeWhole } from '../http/answer.ts'
import { headerOf, type Reply, type ReplyStream } from '../upstream/reply.ts'
import { relayedHeaders, replyProblem } from '../upstream/response.ts'
import { relayStream } from './relay.ts'
import type { AllowedCall } from './request.ts'
import { createEventReview, createReview, noteAnswer, type Review } from './review.ts'
import { SESSION_HEADER, sealSession } from './session.ts'
import type { Hold } from './streams.ts'

export interface Delivery {
  readonly call: AllowedCall
  readonly reply: Reply
  readonly hold: Hold
  /** Whether the client's leaving ends the upstream's work. */
  readonly cancelOnLeave: boolean
}

/** How much of a JSON answer that is passed on as it comes is kept to see what it said. */
const MAX_OBSERVED_BYTES = 65_536

/** Sends the reply; a refusal when nothing of it may be sent. A promise resolves when the last byte is on its way. */
export function deliver(delivery: Delivery): Refusal | undefined | Promise<undefined> {
  const { call, reply } = delivery
  const problem = replyProblem(reply)
  if (problem) return abandon(reply, problem)
  const isEvents = reply.mediaType === 'text/event-stream'
  if (isEvents && isEncoded(reply)) return unusable(reply, 'a compressed event stream') // L10
  const session = sealedSession(call, reply)
  if (session === undefined) return unusable(reply, 'a session id that is too long')
  const { route, kind } = call.door
  const headers = relayedHeaders(reply.headers, {
    identityPrefix: route.identityPrefix,
    own: session === '' ? call.inbound.own : [...call.inbound.own, SESSION_HEADER, session],
    isPrivate: isEvents || call.filters,
    withoutBody: kind === 'messages',
  })
  call.facts.status = reply.status
  if (kind === 'messages') return acknowledge(delivery, headers)
  if (Buffer.isBuffer(reply.body)) return deliverWhole(call, reply, headers, reply.body)
  return deliverStream(delivery, headers, reply.body, isEvents)
}

/** What the client gets for the session that the upstream began: empty when it began none, undefined when it cannot. */
function sealedSession({ door, principal, message }: AllowedCall, { headers }: Reply): string | undefined {
  const minted = message.era === 'legacy' ? headerOf(headers, SESSION_HEADER) : ''
  return minted === '' ? '' : sealSession(door.route, principal, minted)
}

/** SSE-03: the status says whether the message was taken. A body could be a list that nobody filtered. */
function acknowledge({ call, reply }: Delivery, headers: string[]): undefined {
  if (!Buffer.isBuffer(reply.body)) reply.body.abort()
  writeWhole(call.inbound.response, reply.status, headers, Buffer.alloc(0))
}

function deliverWhole(call: AllowedCall, reply: Reply, headers: string[], body: Buffer): Refusal | undefined {
  const { inbound, filters, facts } = call
  const { response } = inbound
  if (filters) {
    const shown = filtered(call, reply, body)
    if (shown === undefined) return { reason: 'upstream_invalid', detail: 'a list that cannot be read' }
    writeWhole(response, reply.status, headers, shown)
  } else {
    const text = body.toString('latin1')
    if (isJson(reply)) noteAnswer({ ...call, route: call.door.route }, body, text)
    writeWhole(response, reply.status, headers, body, text)
  }
  if (response.destroyed) facts.ending = 'client_closed' // LEG-10
  return undefined
}

/** L08: the status is the upstream's own, but an error whose body cannot be judged goes on without it. */
function filtered(call: AllowedCall, reply: Reply, body: Buffer): Buffer | undefined {
  const review = createReview({ ...call, route: call.door.route, filters: true })
  const shown = isJson(reply) ? review(body) : undefined
  return shown ?? (reply.status >= 400 ? Buffer.alloc(0) : undefined)
}

async function deliverStream(
  { call, reply, hold, cancelOnLeave }: Delivery,
  headers: string[],
  stream: ReplyStream,
  isEvents: boolean,
): Promise<undefined> {
  const { response } = call.inbound
  if (isEvents) headers.push('x-accel-buffering', 'no') // T26-23
  writeHead(response, reply.status, headers)
  response.flushHeaders()
  const options = { ...call, route: call.door.route, filters: isEvents && mayCarryLists(call) }
  const review = createReview(options)
  const observed = isEvents ? undefined : createObserver(review, isJson(reply))
  call.facts.ending = await relayStream({
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

function isJson(reply: Reply): boolean {
  return reply.mediaType === 'application/json' && !isEncoded(reply)
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
function mayCarryLists({ inbound, door, message }: AllowedCall): boolean {
  if (door.route.policy.showsAll) return false
  return inbound.method === 'GET' || message.calls.some(({ method }) => isListMethod(method))
}
