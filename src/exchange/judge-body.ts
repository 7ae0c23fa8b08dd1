// Turns the body of an admitted request into a call that may go to the upstream: reads its message once, checks its
// session and tasks, and decides on it. An undefined call means that the request was refused and has been answered.
import type { Message } from '../core/call.ts'
import { isListMethod } from '../core/methods.ts'
import type { Refusal } from '../core/refusal.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'
import type { BufferedBody } from '../http/body.ts'
import { copyOf } from '../lib/copied-text.ts'
import { checkBatchRate, checkToolRates } from '../limits/check-rates.ts'
import { withoutSource } from '../mcp/source.ts'
import { withoutSubscriptions } from '../mcp/subscriptions.ts'
import { type HeldBack, seekApproval } from './approval.ts'
import { endRefused } from './end-refused.ts'
import { decide, type MessageVerdict, withoutLoop } from './message-verdict.ts'
import { deniedRequestOf, readRequestMessage } from './request-message.ts'
import type { AdmittedRequest, AllowedCall, GivenApproval, ReadRequest } from './request-state.ts'
import type { Route } from './route.ts'
import { openSession } from './session.ts'
import { opensStream } from './streams.ts'
import { recallTasks } from './tasks.ts'

/** Keeps nothing of what the message was read from. */
export function judgeBody(
  admitted: AdmittedRequest,
  body: BufferedBody | undefined,
): MaybeAsync<AllowedCall | undefined> {
  const { endpoint, record, caller, limits } = admitted
  record.trace?.begin('decision')
  const { message: read, denied } = readRequestMessage(admitted, body)
  const end = (refusal: Refusal) => endRefused(refusal, admitted, denied)
  if (!read.ok) return end(read.refusal)
  record.calls = read.value.calls
  return andThen(checkBatchRate(limits, caller.key, read.value.calls), (overRate) => {
    if (overRate) return end(overRate)
    const session = openSession(admitted, read.value)
    if (!session.ok) return end(session.refusal)
    return andThen(recallTasks(admitted, read.value), (recalled) => {
      if (!recalled.ok) return end(recalled.refusal)
      const circumstances = { now: Date.now(), address: caller.address, route: endpoint.route.name }
      const request: ReadRequest = { ...admitted, message: recalled.value, circumstances }
      const parts = { session: session.value, body, denied }
      return andThen(decide(request), (verdict) => applyVerdict(verdict, request, parts))
    })
  })
}

/** What belongs to the call beside its message. */
interface CallParts extends Pick<AllowedCall, 'session' | 'body' | 'denied'> {
  readonly approval?: GivenApproval
}

function applyVerdict(
  verdict: MessageVerdict,
  request: ReadRequest,
  parts: CallParts,
): MaybeAsync<AllowedCall | undefined> {
  const { endpoint, record, caller, limits, message } = request
  record.trace?.end('decision')
  record.policy = endpoint.route.policy.inForce()
  record.rule = verdict.rule
  record.faulty = verdict.faulty
  record.answers = verdict.answers?.map((answer) => ({ ...answer, target: copyOf(answer.target) }))
  record.would = verdict.shadowRefusal
  const { refusal } = verdict
  if (refusal?.reason === 'approval_required') return applyApproval(refusal, verdict, request, parts)
  if (refusal) {
    return andThen(withoutLoop(refusal, request), (told) => endRefused(told, request, parts.denied))
  }
  return andThen(checkToolRates(limits, caller.key, message.calls), (overRate) =>
    overRate ? endRefused(overRate, request, parts.denied) : allow(verdict, request, parts),
  )
}

async function applyApproval(
  held: HeldBack,
  verdict: MessageVerdict,
  request: ReadRequest,
  parts: CallParts,
): Promise<AllowedCall | undefined> {
  const { limits, caller, message } = request
  const given = await seekApproval(request, held, verdict.isConfirmed === true)
  if (!given.ok) return endRefused(given.refusal, request, parts.denied)
  const overRate = await checkToolRates(limits, caller.key, message.calls)
  return overRate
    ? endRefused(overRate, request, parts.denied)
    : allow(verdict, request, { ...parts, approval: given.value })
}

function allow(
  verdict: MessageVerdict,
  request: ReadRequest,
  { session, body, denied, approval }: CallParts,
): AllowedCall {
  const { inbound, endpoint, record } = request
  const allowed = withoutSource(narrowed(verdict, request, body), body?.bytes?.length ?? 0)
  record.calls = allowed.calls
  return {
    ...request,
    message: allowed,
    session,
    body,
    approval,
    filters: filtersLists(endpoint.route, allowed),
    isStream: opensStream(inbound.method, allowed),
    denied: body === undefined ? denied : deniedRequestOf(allowed),
  }
}

/** The message as it was judged. A subscription lacks the resources that this caller may not listen to. */
function narrowed(
  { narrowed: part }: MessageVerdict,
  { record, message }: ReadRequest,
  body: BufferedBody | undefined,
): Message {
  if (part === undefined) return message
  if (body?.bytes !== undefined) {
    const kept = new Set(part.message.calls[0]?.targets.map(({ name }) => name))
    record.withheld = part.withheld.map(copyOf)
    body.shorten(withoutSubscriptions(body.bytes, (uri) => kept.has(uri)))
  }
  return part.message
}

/** Whether the direct answer may be a list. With HTTP+SSE it never is, since answers come on the stream. */
function filtersLists(route: Route, message: Message): boolean {
  return (
    route.transport === 'http' &&
    !route.policy.showsAll &&
    message.calls.some(({ method }) => isListMethod(method))
  )
}
