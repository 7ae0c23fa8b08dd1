// One request to a route, top to bottom: credential, principal, limits, possession, message, session, decision, upstream,
// answer. To the right is the next step, to the left the refusal that ends the exchange; nothing goes back up.
import type { Call, Message } from '../core/call.ts'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { andThen, type MaybeAsync, nextStep } from '../core/turn.ts'
import type { BufferedBody } from '../http/body.ts'
import { type DeniedRequest, UNREAD_REQUEST } from '../http/deny.ts'
import type { Inbound } from '../http/inbound.ts'
import { type CallLimits, checkBatchRate, checkRequestRate, checkToolRates } from '../limits/check-rates.ts'
import { ownerOf } from '../mcp/owner.ts'
import { TASKS_EXTENSION } from '../mcp/request-shape.ts'
import { copyOf, withoutSource } from '../mcp/source.ts'
import { withoutSubscriptions } from '../mcp/subscriptions.ts'
import type { RequestRecord } from '../observe/request-record.ts'
import type { Sent } from '../upstream/upstream.ts'
import { extractCredential, withNextNonce } from './credential.ts'
import { decide, type MessageVerdict, withoutLoop } from './decide.ts'
import { deliver } from './deliver.ts'
import { endRefused } from './end-refused.ts'
import { type AllowedCall, filtersLists, upstreamRequest } from './request.ts'
import { deniedRequestOf, readDeniedRequest, readRequestMessage } from './request-message.ts'
import type { Endpoint, Route } from './route.ts'
import { openSession } from './session.ts'
import { type ExchangeServices, opensStream, type StreamSlot, takeSlot } from './streams.ts'

const NO_BODY = ok(undefined)

/** Answers the request. What happened stands in `facts` when the promise resolves; it rejects only by a bug. */
export async function exchange(
  arrived: Inbound,
  endpoint: Endpoint,
  record: RequestRecord,
  services: ExchangeServices,
): Promise<void> {
  const { route } = endpoint
  const extracting = extractCredential(arrived, route, record.address)
  const { inbound: shown, credential } = extracting instanceof Promise ? await extracting : extracting
  const end = (refusal: Refusal, denied = UNREAD_REQUEST) =>
    endRefused(refusal, shown, endpoint, record, denied)

  const caller = await nextStep(identify(credential, route, shown.method))
  if (!caller.ok) return end(caller.refusal)
  record.principal = caller.value

  const key = callerKey(caller.value, record.address)
  const limits = caller.value === undefined ? route.limits.strangers : route.limits.subjects
  const overLimit = checkRequestRate(limits, key)
  const over = () => readDeniedRequest(shown, endpoint, services.readBody, key)
  if (overLimit) return end(overLimit, await over())
  const leave = route.limits.calls.enter(key)
  if (leave === undefined) return end(TOO_MANY_CALLS, await over())
  try {
    const binding = bind(credential, route, caller.value)
    const fault = binding && (await binding)
    if (fault !== undefined) {
      record.principal = undefined // whoever shows the token is not its owner
      return end(fault)
    }
    const inbound = withNextNonce(shown, route, credential)
    const admitted = { inbound, endpoint, record, services, credential, key, limits, leave }
    const wrongMethod = methodProblem(inbound.method, endpoint)
    if (wrongMethod) return endRefused(wrongMethod, inbound, endpoint, record, UNREAD_REQUEST)
    await andThen(readBody(admitted), (received) => carryOut(admitted, received))
  } finally {
    leave() // also when its client left long ago (D40)
  }
}

const TOO_MANY_CALLS: Refusal = { reason: 'rate_limited', limit: 'calls_per_subject', retryAfterSeconds: 1 }

/** A request of a caller who is known, and has a place among the calls under way. */
interface Admitted {
  readonly inbound: Inbound
  readonly endpoint: Endpoint
  readonly record: RequestRecord
  readonly services: ExchangeServices
  readonly credential: Result<Credential>
  /** Whom it counts for. */
  readonly key: string
  readonly limits: CallLimits
  /** Gives its place back. */
  readonly leave: () => void
}

async function carryOut(admitted: Admitted, received: Result<BufferedBody | undefined>): Promise<void> {
  const { inbound, endpoint, record, services, credential, leave } = admitted
  const end = (refusal: Refusal, denied: DeniedRequest) =>
    endRefused(refusal, inbound, endpoint, record, denied)
  if (!received.ok) return end(received.refusal, UNREAD_REQUEST)
  const body = received.value
  try {
    const prepared = await nextStep(prepare(admitted, body))
    if (prepared === undefined) return
    const { call, denied } = prepared
    const hold = takeSlot(call, credential, services)
    if (!hold.ok) return end(hold.refusal, denied)
    if (call.isStream) leave() // it has a place among the streams instead
    try {
      const failed = services.recordBeforeCall(record)
        ? await forward(call, hold.value, services)
        : UNRECORDED
      if (failed) end(failed, denied)
    } finally {
      hold.value.release()
    }
  } finally {
    body?.release()
  }
}

/** The message that goes to the upstream, and the id that its answer carries. */
interface Prepared {
  readonly call: AllowedCall
  readonly denied: DeniedRequest
}

/**
 * Reads and judges the message; undefined when that ended the exchange. Nothing that it was read from is kept beyond
 * this.
 */
function prepare(admitted: Admitted, body: BufferedBody | undefined): MaybeAsync<Prepared | undefined> {
  const { inbound, endpoint, record, credential, key, limits } = admitted
  const { route } = endpoint
  const { principal } = record
  const read = readRequestMessage(inbound, body)
  const { denied } = read
  const end = (refusal: Refusal): undefined => endRefused(refusal, inbound, endpoint, record, denied)
  if (!read.message.ok) return end(read.message.refusal)
  record.calls = read.message.value.calls
  const overRest = checkBatchRate(limits, key, read.message.value.calls)
  if (overRest) return end(overRest)

  const session = openSession(inbound, endpoint, principal, read.message.value)
  if (!session.ok) return end(session.refusal)
  const message = recallTasks(read.message.value, route, principal)
  if (!message.ok) return end(message.refusal)

  const circumstances = { now: Date.now(), address: record.address, route: route.name }
  const deciding = decide({ route, principal, message: message.value, credential, circumstances })
  const settle = (decision: MessageVerdict): Prepared | undefined => {
    record.rule = decision.rule
    record.faulty = decision.faulty
    record.would = decision.would
    if (decision.refusal)
      return end(withoutLoop(decision.refusal, route, principal, message.value, circumstances))
    const overTool = checkToolRates(limits, key, message.value.calls)
    if (overTool) return end(overTool)
    const part = decision.narrowed
    if (part !== undefined && body?.bytes !== undefined) {
      const kept = new Set(part.message.calls[0]?.targets.map(({ name }) => name))
      record.withheld = part.withheld.map(copyOf)
      body.shorten(withoutSubscriptions(body.bytes, (uri) => kept.has(uri)))
    }
    const judged = withoutSource(part?.message ?? message.value, body?.bytes?.length ?? 0)
    record.calls = judged.calls
    return {
      call: allowedCall(admitted, body, judged, session.value),
      denied: body === undefined ? denied : deniedRequestOf(judged),
    }
  }
  return andThen(deciding, settle)
}

function allowedCall(
  { inbound, endpoint, record, key }: Admitted,
  body: BufferedBody | undefined,
  message: Message,
  session: string | undefined,
): AllowedCall {
  return {
    inbound,
    endpoint,
    record,
    principal: record.principal,
    key,
    body,
    message,
    session,
    filters: filtersLists(endpoint.route, message),
    isStream: opensStream(inbound.method, message),
  }
}

const UNRECORDED: Refusal = { reason: 'audit_unavailable' }
const CLIENT_GONE: Refusal = { reason: 'upstream_unreachable', detail: 'client gone' }

/** To the upstream and back; a refusal when nothing of its answer may be sent. */
async function forward(
  call: AllowedCall,
  slot: StreamSlot,
  { largeWork, underWay }: ExchangeServices,
): Promise<Refusal | undefined> {
  const { inbound, message } = call
  const cancelOnLeave = message.era === 'modern' || inbound.method === 'GET' // T26-22; LEG-10: else leaving is not cancelling
  if (cancelOnLeave && inbound.response.destroyed) return CLIENT_GONE // its `close` will not come again
  const sent = send(call)
  slot.sent(sent.abort)
  if (cancelOnLeave) inbound.response.once('close', sent.abort) // L25
  const reply = await sent.reply
  if (cancelOnLeave) inbound.response.off('close', sent.abort)
  underWay.cancel(call) // its server has heard it first
  if (!reply.ok) return reply.refusal
  const { body } = reply.value
  const isList = call.filters && Buffer.isBuffer(body)
  if (isList) await largeWork.turn(call.key, body.length)
  return deliver({ call, reply: reply.value, slot, cancelOnLeave })
}

/** A function of its own, so that no frame keeps the body while the answer comes. */
function send(call: AllowedCall): Sent {
  return call.endpoint.route.upstream.send(upstreamRequest(call))
}

/** Whose the token is; undefined for a request without one on a route that has methods open to all. */
function identify(
  credential: Result<Credential>,
  route: Route,
  httpMethod: string,
): MaybeAsync<Result<Principal | undefined>> {
  if (credential.ok) return route.verifier.prove(credential.value, Date.now())
  const maybeOpen = credential.refusal.reason === 'token_missing' && httpMethod === 'POST'
  return maybeOpen && route.policy.anonymous.size > 0 ? ok(undefined) : credential
}

/** Why the token may not be used the way it is shown: a token that is bound to a key needs a proof of that key. */
function bind(credential: Result<Credential>, { verifier }: Route, principal: Principal | undefined) {
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

/** GET and DELETE have none. A large one resolves when its turn to be read has come. */
function readBody(admitted: Admitted): MaybeAsync<Result<BufferedBody | undefined>> {
  const { inbound, endpoint, services, key } = admitted
  if (inbound.method !== 'POST') return NO_BODY
  const received = services.readBody(inbound, endpoint.route.limits.bodyBytes, key)
  return andThen(received, (body) => inTurn(body, admitted))
}

function inTurn(body: Result<BufferedBody>, { services, key }: Admitted): MaybeAsync<Result<BufferedBody>> {
  const turn = body.ok ? services.largeWork.turn(key, body.value.bytes?.length ?? 0) : undefined
  return turn === undefined ? body : turn.then(() => body)
}

/** A tasks method is decided like the call that created the task; to anybody else the task does not exist. */
function recallTasks(message: Message, route: Route, principal: Principal | undefined): Result<Message> {
  if (message.calls.every(({ taskId }) => taskId === undefined)) return ok(message)
  const owner = ownerOf(route.name, principal)
  // XTS-01: a 2026-07-28 client that does not declare the tasks extension has no tasks.
  const undeclared = message.calls.some(({ taskId, mayCreateTask }) => taskId !== undefined && !mayCreateTask)
  if (message.era === 'modern' && undeclared) {
    return refuse({ reason: 'capability_missing', extension: TASKS_EXTENSION })
  }
  const calls: Call[] = []
  for (const call of message.calls) {
    const targets = call.taskId === undefined ? call.targets : route.tasks.find(owner, call.taskId)
    if (targets === undefined) return refuse({ reason: 'task_unknown' }) // S11, S12
    calls.push({ ...call, targets: call.taskId === undefined ? targets : [...call.targets, ...targets] })
  }
  return ok({ ...message, calls })
}
