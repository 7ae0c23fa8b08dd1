// A call that waits for approval: asks for it, or uses the one that was given. Whoever calls is proved once more before that,
// where there is somebody to ask, and decided on by the policy of now.
import { type Approval, type BoundCall, MAX_PARAMS_BYTES } from '../approvals/approval.ts'
import type { Sought } from '../approvals/approvals.ts'
import { canonicalJsonText } from '../approvals/canonical-json.ts'
import { approvalPageUrl } from '../core/approval-page.ts'
import type { Call } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import { ok, type PendingApproval, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { GivenApproval, ReadRequest } from './request-state.ts'
import type { RouteApprovals } from './route.ts'

/** What a policy says of a call that waits. */
export type HeldBack = Extract<Refusal, { reason: 'approval_required' }>

/** Parameters that say how a call travels, and nothing of what it does. */
const NOT_BOUND: ReadonlySet<string> = new Set(['_meta', 'task'])
const RETRY_SECONDS = 60
/** In characters: every parameter may be written as an escape, which is six times as long. More is not put in order. */
const MAX_WRITTEN_PARAMS = 8 * 32 * 1024

/**
 * A refusal says what the caller has to wait for.
 * @param isConfirmed whether the issuer was asked about this request already
 */
export async function seekApproval(
  request: ReadRequest,
  held: HeldBack,
  isConfirmed: boolean,
): Promise<Result<GivenApproval>> {
  const { endpoint, caller, message, record } = request
  const { approvals } = endpoint.route
  const [call, more] = message.calls
  if (more !== undefined) return refuse(BATCHED)
  if (approvals === undefined || caller.principal === undefined || call?.kind !== 'request')
    return refuse(held)
  const bound = bind(request, { call, principal: caller.principal, held, approvals })
  if (!bound.ok) return bound
  const sought = await approvals.seek(bound.value, { requestId: record.id, address: caller.address })
  if ('approval' in sought) record.approval = sought.approval.id
  if (sought.state !== 'approved')
    return refuse(waiting(sought, held, endpoint.route.publicOrigin, approvals))
  const changed = isConfirmed ? undefined : await confirm(request, held)
  return changed === undefined
    ? ok({ use: async () => refusalOf(await sought.use(), held) })
    : refuse(changed)
}

const BATCHED: Refusal = {
  reason: 'message_invalid',
  detail: 'a call that has to be approved stands in no batch; send it alone',
}
const TOO_LARGE: Refusal = {
  reason: 'params_invalid',
  detail: `a call that has to be approved has at most ${MAX_PARAMS_BYTES / 1024} KiB of parameters`,
}
const NOT_ASKED: Refusal = { reason: 'state_unavailable', detail: 'approvals' }

interface Parts {
  readonly call: Call
  readonly principal: Principal
  readonly held: HeldBack
  readonly approvals: RouteApprovals
}

function bind({ endpoint }: ReadRequest, { call, principal, held, approvals }: Parts): Result<BoundCall> {
  const written = call.paramsJson?.() ?? '{}'
  if (written.length > MAX_WRITTEN_PARAMS) return refuse(TOO_LARGE)
  const params = canonicalJsonText(written, NOT_BOUND)
  if (Buffer.byteLength(params) > MAX_PARAMS_BYTES) return refuse(TOO_LARGE)
  const { issuer, subject, clientId: client } = principal
  const { policy, manifest } = approvals
  const tool = call.targets[0]?.name ?? ''
  return ok({
    ...{ route: endpoint.route.name, issuer, subject, client, tool, params, policy, manifest },
    rules: held.rules,
  })
}

type NotApproved = Exclude<Sought, { readonly state: 'approved' }>

function waiting(sought: NotApproved, held: HeldBack, origin: string, { useMs }: RouteApprovals): Refusal {
  const pending = ({ id, until }: Approval): PendingApproval => ({
    ...{ id, until, page: approvalPageUrl(origin, id), useMs: useMs() },
  })
  switch (sought.state) {
    case 'waiting':
      return { ...held, approval: pending(sought.approval) }
    case 'denied':
      return { reason: 'approval_denied', rule: held.rule, approval: pending(sought.approval) }
    case 'share':
      return { reason: 'rate_limited', limit: 'approvals.per_caller', retryAfterSeconds: RETRY_SECONDS }
    case 'full':
      return { reason: 'overloaded', detail: 'approvals', retryAfterSeconds: RETRY_SECONDS }
    case UNAVAILABLE:
      return NOT_ASKED
  }
}

function refusalOf(isUsed: boolean | typeof UNAVAILABLE, held: HeldBack): Refusal | undefined {
  if (isUsed === UNAVAILABLE) return NOT_ASKED
  return isUsed ? undefined : held
}

/** Asks the issuer whether the grant is alive, and decides on what it says; a refusal where that has changed. */
async function confirm(
  { endpoint: { route }, caller, credential, message, circumstances }: ReadRequest,
  held: HeldBack,
): Promise<Refusal | undefined> {
  const { principal } = caller
  if (principal === undefined || !credential.ok || !route.verifier.canConfirm(principal)) return undefined
  const active = await route.verifier.confirmActive(credential.value, principal)
  if (!active.ok) return active.refusal
  const { refusal } = route.policy.decide(active.value, message, { ...circumstances, now: Date.now() })
  if (refusal?.reason !== 'approval_required') return refusal ?? held
  return refusal.rules.join() === held.rules.join() ? undefined : held
}
