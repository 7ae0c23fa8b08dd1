// Takes the upstream's reply to the client: refuses it, or sends status and headers with the body whole or streamed.
// review.ts and body-filter.ts decide what a body may say; relay.ts moves the bytes.
import { isListMethod } from '../core/methods.ts'
import type { Refusal } from '../core/refusal.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { writeHead, writeWhole } from '../http/answer.ts'
import type { Inbound } from '../http/inbound.ts'
import { OpenRequests } from '../mcp/open-requests.ts'
import { STOPPING } from '../upstream/failure.ts'
import { headerOf, type Reply, type ReplyStream } from '../upstream/reply.ts'
import { type BodyFate, relayedHeaders, replyProblem } from '../upstream/response.ts'
import { NO_ANSWER } from './answer-watch.ts'
import { maxTtlMs } from './awaited-answer.ts'
import { type BodyFilter, createEventFilter } from './body-filter.ts'
import { createJsonFilter, createPartJudge } from './large-answers.ts'
import { relayStream } from './relay.ts'
import type { AllowedCall } from './request-state.ts'
import { eventSealer } from './resumption.ts'
import {
  createEventReview,
  createReview,
  judgesEveryEvent,
  mismatchOf,
  noteAnswer,
  strayUpdateIn,
} from './review.ts'
import { SESSION_HEADER, sealSession } from './session.ts'
import type { Silence } from './silence.ts'
import type { StreamSlot } from './streams.ts'

export interface Delivery {
  readonly call: AllowedCall
  readonly reply: Reply
  readonly slot: StreamSlot
  readonly silence: Silence
  /** Whether the client's leaving ends the upstream's work. */
  readonly cancelOnLeave: boolean
}

/**
 * Sends the reply, or returns a refusal when nothing of it may be sent. A promise resolves when the last byte is on its
 * way.
 */
export function deliver(delivery: Delivery): MaybeAsync<Refusal | undefined> {
  const { call, reply } = delivery
  const problem = replyProblem(reply)
  if (problem) return abandon(reply, problem)
  const isEvents = reply.mediaType === 'text/event-stream'
  if (isEvents && isEncoded(reply)) return unusable(reply, 'a compressed event stream') // L10
  const session = sealedSession(call, reply)
  if (session === undefined) return unusable(reply, 'a session id that is too long')
  const own = session === '' ? call.inbound.own : [...call.inbound.own, SESSION_HEADER, session]
  call.record.status = reply.status
  if (call.endpoint.kind === 'messages') return acknowledge(delivery, own, reply.status)
  if (isEvents) return deliverEvents(delivery, own)
  const meant = meantBy(call, reply)
  if (meant) return abandon(reply, meant)
  if (reply.status >= 400) return deliverError(delivery, own)
  return deliverAnswer(delivery, own)
}

type Own = Inbound['own']

/** L73: clients take 404 for a lost session, and ask for a stream again until they hear 405. */
const NO_STREAM: Refusal = { reason: 'method_not_allowed', allow: 'POST, DELETE' }

/** Replaces a status that clients would understand in another way. */
function meantBy({ inbound, endpoint, session }: AllowedCall, { status }: Reply): Refusal | undefined {
  const { transport, badRequestEndsSession } = endpoint.route
  if (transport === 'sse') return undefined
  const isMissing = inbound.method === 'GET' && session === undefined && status === 404
  if (isMissing || (inbound.method === 'GET' && status < 300)) return NO_STREAM
  if (session === undefined || status !== 400 || !badRequestEndsSession) return undefined
  return { reason: 'session_unknown', detail: 'the upstream answered 400' } // S43
}

/** Delivers the answer to a request that succeeded, when it is no event stream: one message, or none (L42, L43). */
function deliverAnswer(delivery: Delivery, own: Own): MaybeAsync<Refusal | undefined> {
  const { call, reply } = delivery
  const { inbound, message, record } = call
  if (inbound.method === 'GET') return unusable(reply, 'no event stream') // a GET asked for an HTTP+SSE stream
  const open = new OpenRequests(message)
  if (open.waiting.length === 0) {
    if (inbound.method === 'POST') record.status = ACCEPTED
    return acknowledge(delivery, own, record.status)
  }
  if (Buffer.isBuffer(reply.body) && reply.body.length === 0) {
    reply.retire() // without an id it may be the answer to another request
    return acknowledge(delivery, own, reply.status)
  }
  if (!isReadable(call, reply)) return unusable(reply, 'neither JSON nor an event stream')
  return Buffer.isBuffer(reply.body)
    ? deliverWhole(delivery, own, reply.body, open)
    : deliverStream(delivery, own, reply.body, open)
}

/** MCP 2025-11-25 transports, Sending Messages: the status for a notification, without a body. */
const ACCEPTED = 202

/**
 * The session header for the client: empty when the upstream began no session, undefined when its id cannot be sealed.
 */
function sealedSession(call: AllowedCall, { headers }: Reply): string | undefined {
  const { endpoint, message } = call
  const id = message.era === 'legacy' && endpoint.kind === 'endpoint' ? headerOf(headers, SESSION_HEADER) : ''
  return id === '' ? '' : sealSession(call, id)
}

/** SSE-03: the status says whether the message was taken. A body could be a list that nobody filtered. */
function acknowledge({ call, reply }: Delivery, own: Own, status: number): undefined {
  if (!Buffer.isBuffer(reply.body)) leaveUnread(reply.body)
  writeWhole(call.inbound.response, status, headersOf(call, reply, own, 'none'), Buffer.alloc(0))
}

/** Leaves a body unread. It is mostly empty, and then the connection can carry another exchange. */
function leaveUnread(stream: ReplyStream): void {
  stream.start({ data: () => stream.abort(), end() {}, fail() {} })
}

function headersOf({ endpoint }: AllowedCall, reply: Reply, own: Own, body: BodyFate): string[] {
  const { identityPrefix, identityNames } = endpoint.route
  return relayedHeaders(reply.headers, { identityPrefix, identityNames, own, body })
}

/**
 * Whether lists or cache hints in the body may be changed. It does not depend on whether something was changed, since
 * that would tell that something is hidden.
 */
function fateOf(call: AllowedCall): BodyFate {
  return call.filters || maxTtlMs(call) !== undefined ? 'changed' : 'same'
}

/** Passes the upstream's status on, but no body that cannot be judged (L08, L42). */
function deliverError(delivery: Delivery, own: Own): undefined {
  const { call, reply } = delivery
  const shown = Buffer.isBuffer(reply.body) ? shownError(call, reply, reply.body) : undefined
  if (shown === undefined) return acknowledge(delivery, own, reply.status)
  const fate = shown.length === 0 ? 'changed' : fateOf(call) // the body of a large error was dropped
  writeWhole(call.inbound.response, reply.status, headersOf(call, reply, own, fate), shown)
}

function shownError(call: AllowedCall, reply: Reply, body: Buffer): Buffer | undefined {
  const open = new OpenRequests(call.message, true)
  const answer = { call, filters: call.filters, open, retire: reply.retire }
  if (!isJson(reply)) return call.filters ? undefined : body
  const text = body.toString('latin1')
  const fault = mismatchOf(answer, open, body, text)
  return fault === undefined || fault === NO_ANSWER ? createReview(answer)(body, text) : undefined
}

function deliverWhole(
  { call, reply }: Delivery,
  own: Own,
  body: Buffer,
  open: OpenRequests,
): Refusal | undefined {
  const { inbound, record } = call
  const answer = { call, filters: call.filters, open, retire: reply.retire }
  const text = body.toString('latin1')
  const fault = strayUpdateIn(body, text) ?? mismatchOf(answer, open, body, text)
  if (fault !== undefined) return unusable(reply, fault)
  const fate = fateOf(call)
  const headers = headersOf(call, reply, own, fate)
  if (fate === 'changed') {
    const shown = createReview(answer)(body, text)
    if (shown === undefined) return unusable(reply, 'a list that cannot be read')
    writeWhole(inbound.response, reply.status, headers, shown)
  } else {
    noteAnswer(call, body, text)
    writeWhole(inbound.response, reply.status, headers, body, text)
  }
  if (inbound.response.destroyed) record.ending = 'client_closed' // LEG-10
  return undefined
}

/** Streams a JSON answer that is too large to keep whole. */
function deliverStream(
  delivery: Delivery,
  own: Own,
  stream: ReplyStream,
  open: OpenRequests,
): Promise<Refusal | undefined> {
  const { call, reply } = delivery
  const headers = headersOf(call, reply, own, fateOf(call))
  const answer = { call, filters: call.filters, open, retire: reply.retire, sealId: undefined }
  return relay(delivery, stream, headers, (onFault) => createJsonFilter({ ...answer, onFault }))
}

function deliverEvents(delivery: Delivery, own: Own): Promise<Refusal | undefined> {
  const { call, reply } = delivery
  const { record } = call
  const { route } = call.endpoint
  const open =
    call.inbound.method === 'GET' || route.transport === 'sse' ? undefined : new OpenRequests(call.message)
  const headers = headersOf(call, reply, own, 'changed')
  headers.push('x-accel-buffering', 'no') // T26-23
  const filters = mayCarryLists(call)
  const sealId = eventSealer(call, headerOf(reply.headers, SESSION_HEADER))
  const isListen = call.isStream && call.message.calls.length > 0 // its updates are judged
  const isWhole = filters || isListen || route.transport === 'sse' // lists are filtered, and the endpoint is sealed
  return relay(delivery, reply.body as ReplyStream, headers, (onFault) => {
    const answer = { call, filters, open, retire: reply.retire, sealId, onFault }
    return createEventFilter({
      judge: createEventReview(answer),
      ...{ judgesAll: judgesEveryEvent(answer), changesIds: sealId !== undefined },
      judgePart: isWhole ? undefined : createPartJudge(answer),
      ...{ open, canResume: call.message.era === 'legacy' && route.resumes },
      onError() {
        record.rpc = 'error'
      },
    })
  })
}

/**
 * Relays the body. Returns a refusal when the upstream broke off, or said what must not go on, before anything was
 * sent.
 */
async function relay(
  { call, reply, slot, silence, cancelOnLeave }: Delivery,
  stream: ReplyStream,
  headers: readonly string[],
  createFilter: (onFault: (detail: string) => void) => BodyFilter,
): Promise<Refusal | undefined> {
  const { record } = call
  const { response } = call.inbound
  let fault: Refusal | undefined
  const isEvents = reply.mediaType === 'text/event-stream'
  record.ending = await relayStream({
    stream,
    response,
    isEvents,
    listens: call.isStream,
    filter: createFilter((detail) => {
      fault = { reason: 'upstream_invalid', detail }
      reply.retire()
    }),
    silence,
    cancelOnLeave,
    begin() {
      writeHead(response, reply.status, headers)
      if (isEvents) response.flushHeaders()
    },
    onOpen: (end) => slot.opened(end),
  })
  const isBroken = record.ending === 'upstream_aborted' || record.ending === 'gateway_closed'
  if (response.headersSent || !isBroken) {
    record.refusal = fault // for the record: the status was sent before
    return undefined
  }
  if (record.ending === 'gateway_closed') return STOPPING
  return fault ?? { reason: 'upstream_unreachable', detail: 'broke off' }
}

function isJson(reply: Reply): boolean {
  return reply.mediaType === 'application/json' && !isEncoded(reply)
}

/**
 * Whether the body can be read as clients read it. Where it may hold a list, a client could take it for another type
 * than the gateway does (L07).
 */
function isReadable({ filters }: AllowedCall, reply: Reply): boolean {
  return isJson(reply) || (!filters && reply.mediaType === '' && !isEncoded(reply))
}

function isEncoded({ headers }: Reply): boolean {
  const coding = headerOf(headers, 'content-encoding')
  return coding !== '' && coding.toLowerCase() !== 'identity'
}

function unusable(reply: Reply, detail: string): Refusal {
  return abandon(reply, { reason: 'upstream_invalid', detail })
}

/** Refuses the reply and ends its connection: an improper answer may be the answer to another request. */
function abandon(reply: Reply, refusal: Refusal): Refusal {
  if (Buffer.isBuffer(reply.body)) reply.retire()
  else reply.body.abort()
  return refusal
}

/** Whether an event of this exchange may carry a list although no list was asked for on it (SCP-02). */
function mayCarryLists({ inbound, endpoint, message }: AllowedCall): boolean {
  if (endpoint.route.policy.showsAll) return false
  return inbound.method === 'GET' || message.calls.some(({ method }) => isListMethod(method))
}
