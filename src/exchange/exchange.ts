// One request to a route, top to bottom: credential, principal, limits, possession, message, session, decision, upstream,
// answer. Each step yields the next or a refusal that ends the exchange; no step runs twice.
import type { Principal } from '../core/principal.ts'
import { ok, type Refusal, type Result } from '../core/refusal.ts'
import { andThen, isPending, type MaybeAsync, nextStep } from '../core/turn.ts'
import type { BufferedBody } from '../http/body.ts'
import { checkRequestRate } from '../limits/check-rates.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Sent } from '../upstream/upstream.ts'
import { Caller } from './caller.ts'
import { type ExtractedCredential, extractCredential, withNextNonce } from './credential.ts'
import { deliver } from './deliver.ts'
import { endRefused } from './end-refused.ts'
import { judgeBody } from './judge-body.ts'
import { readDeniedRequest } from './request-message.ts'
import type { AdmittedRequest, AllowedCall, RouteRequest } from './request-state.ts'
import type { Endpoint, Route } from './route.ts'
import type { ExchangeServices } from './services.ts'
import { type StreamSlot, takeSlot } from './streams.ts'
import { upstreamRequest } from './upstream-request.ts'

/** Answers the request. When the promise resolves, its record says what happened. It rejects only because of a bug. */
export async function exchange(arrived: RouteRequest, services: ExchangeServices): Promise<void> {
  const { endpoint, record, page } = arrived
  const { route } = endpoint
  record.trace?.begin('verification')
  const extracted = extractCredential(arrived.inbound, route, record.address)
  const { inbound, credential, principal } = await nextStep(
    andThen(extracted, (shown) => identify(shown, route, record)),
  )
  const request = { inbound, endpoint, record, page }
  if (!principal.ok) return endRefused(principal.refusal, request)
  record.principal = principal.value

  const caller = new Caller(principal.value, record.address, route.name)
  const limits = principal.value === undefined ? route.limits.strangers : route.limits.subjects
  const checked = checkRequestRate(limits, caller.key)
  const overRate = isPending(checked) ? await checked : checked
  const leave = overRate === undefined ? route.limits.calls.enter(caller.key) : undefined
  if (leave === undefined) {
    const denied = await readDeniedRequest(request, services.readBody, caller.key)
    return endRefused(overRate ?? TOO_MANY_CALLS, request, denied)
  }
  try {
    const unbound = bind(credential, route, caller.principal)
    const fault = unbound && (await unbound)
    if (fault !== undefined) {
      record.principal = undefined // who shows the token has not proved to be its owner
      return endRefused(fault, request)
    }
    const withNonce = withNextNonce(inbound, route, credential)
    const admitted = { inbound: withNonce, endpoint, record, credential, caller, limits, leave }
    const wrongMethod = methodProblem(inbound.method, endpoint)
    if (wrongMethod) return endRefused(wrongMethod, admitted)
    await andThen(readBody(admitted, services), (body) => carryOut(admitted, body, services))
  } finally {
    leave() // also when the client left long ago (D40)
  }
}

const TOO_MANY_CALLS: Refusal = { reason: 'rate_limited', limit: 'calls_per_subject', retryAfterSeconds: 1 }

/** Judges the message, takes the places that the call needs while it is under way, and gives them back. */
async function carryOut(
  request: AdmittedRequest,
  received: Result<BufferedBody | undefined>,
  services: ExchangeServices,
): Promise<void> {
  if (!received.ok) return endRefused(received.refusal, request)
  const body = received.value
  try {
    const call = await nextStep(judgeBody(request, body))
    if (call === undefined) return // it was refused
    const slot = takeSlot(call, services)
    if (!slot.ok) return endRefused(slot.refusal, call, call.denied)
    if (call.isStream) call.leave() // it has a place among the streams instead
    try {
      const isRecorded = services.recordBeforeCall(call.record)
      const failed = isRecorded ? await forward(call, slot.value, services) : UNRECORDED
      if (failed) endRefused(failed, call, call.denied)
    } finally {
      slot.value.release()
    }
  } finally {
    body?.release()
  }
}

const UNRECORDED: Refusal = { reason: 'audit_unavailable' }
const CLIENT_GONE: Refusal = { reason: 'upstream_unreachable', detail: 'client gone' }

/** Sends the call to the upstream and delivers the answer. Returns a refusal when nothing of the answer may be sent. */
async function forward(
  call: AllowedCall,
  slot: StreamSlot,
  { largeWork, underWay, silence }: ExchangeServices,
): Promise<Refusal | undefined> {
  const { inbound, message, caller, approval } = call
  const refusal = approval && (await approval.use()) // the last that may refuse the call: no limit and no full disk costs an approval
  if (refusal) return refusal
  const cancelOnLeave = message.era === 'modern' || inbound.method === 'GET' // T26-22. In older revisions leaving is not cancelling (LEG-10)
  if (cancelOnLeave && inbound.response.destroyed) return CLIENT_GONE // its `close` event has passed
  const sent = send(call)
  slot.sent(sent.abort)
  if (cancelOnLeave) inbound.response.once('close', sent.abort) // L25
  const reply = await sent.reply
  if (cancelOnLeave) inbound.response.off('close', sent.abort)
  underWay.cancel(call) // only after the server got the notification
  if (!reply.ok) return reply.refusal
  const { body } = reply.value
  if (Buffer.isBuffer(body)) call.record.trace?.end('upstream')
  const isList = call.filters && Buffer.isBuffer(body)
  if (isList) await largeWork.turn(caller.key, body.length)
  return deliver({ call, reply: reply.value, slot, silence, cancelOnLeave })
}

/** A function of its own, so that no stack frame keeps the body while the gateway waits for the answer. */
function send(call: AllowedCall): Sent {
  return call.endpoint.route.upstream.send(upstreamRequest(call))
}

interface Identified extends ExtractedCredential {
  readonly principal: Result<Principal | undefined>
}

/**
 * Proves whose the token is. The principal is undefined for a request without a token on a route that opens methods to
 * everybody.
 */
function identify(
  { inbound, credential }: ExtractedCredential,
  route: Route,
  { trace }: RequestRecord,
): MaybeAsync<Identified> {
  const identified = (principal: Result<Principal | undefined>) => {
    trace?.end('verification')
    return { inbound, credential, principal }
  }
  if (credential.ok) return andThen(route.verifier.prove(credential.value, Date.now()), identified)
  const maybeOpen = credential.refusal.reason === 'token_missing' && inbound.method === 'POST'
  return identified(maybeOpen && route.policy.anonymous.size > 0 ? ok(undefined) : credential)
}

/** Refuses a token that is used in a way it may not be: a token that is bound to a key needs a proof of that key. */
function bind(
  credential: AdmittedRequest['credential'],
  { verifier }: Route,
  principal: Principal | undefined,
): MaybeAsync<Refusal | undefined> {
  return credential.ok && principal !== undefined
    ? verifier.bind(credential.value, principal, Date.now())
    : undefined
}

function methodProblem(httpMethod: string, { kind, route }: Endpoint): Refusal | undefined {
  const allowed =
    kind === 'messages' ? ['POST'] : route.transport === 'sse' ? ['GET'] : ['POST', 'GET', 'DELETE']
  return allowed.includes(httpMethod)
    ? undefined
    : { reason: 'method_not_allowed', allow: allowed.join(', ') }
}

const NO_BODY = ok(undefined)

/** Reads the body; GET and DELETE have none. A large body is handed over when the turn to judge it has come. */
function readBody(
  { inbound, endpoint, caller }: AdmittedRequest,
  services: ExchangeServices,
): MaybeAsync<Result<BufferedBody | undefined>> {
  if (inbound.method !== 'POST') return NO_BODY
  const reading = services.readBody(inbound, endpoint.route.limits.bodyBytes, caller.key)
  return andThen(reading, (body) => {
    const turn = body.ok ? services.largeWork.turn(caller.key, body.value.bytes?.length ?? 0) : undefined
    return turn === undefined ? body : turn.then(() => body)
  })
}
