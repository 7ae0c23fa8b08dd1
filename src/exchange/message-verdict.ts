// Decides on a message. It may have to ask first: for rules that are kept elsewhere, or whether the token is still
// active at its issuer. Mostly nothing has to be asked, and the decision comes without a promise.
import type { Credential, Principal } from '../core/principal.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Decision } from '../core/route.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'
import type { ReadRequest } from './request-state.ts'
import { type NarrowedSubscription, narrowSubscription } from './subscription.ts'

export type MessageVerdict = Omit<Decision, 'requireActive'> & {
  /** The part of a subscription that was judged, where another part was left out. */
  readonly narrowed?: NarrowedSubscription
  /** Whether it is about what the issuer says of the token at this moment. */
  readonly isConfirmed?: boolean
}

export function decide(request: ReadRequest): MaybeAsync<MessageVerdict> {
  const fresh = request.endpoint.route.remote?.refresh()
  return fresh === undefined ? decideNow(request) : fresh.then(() => decideNow(request))
}

function decideNow(request: ReadRequest): MaybeAsync<MessageVerdict> {
  const part = narrowSubscription(request)
  if (part === undefined) return decideWhole(request)
  return andThen(decideWhole({ ...request, message: part.message }), (verdict) => ({
    ...verdict,
    narrowed: part,
  }))
}

function decideWhole(request: ReadRequest): MaybeAsync<MessageVerdict> {
  const { endpoint, caller, message, credential, circumstances } = request
  const { principal } = caller
  const decision = endpoint.route.policy.decide(principal, message, circumstances)
  const settled = !isCurable(decision.refusal) || !decision.requireActive
  if (settled || !credential.ok || principal === undefined) return decision
  return confirm(request, credential.value, principal, decision.rule)
}

/** Whether the call may yet go on: it is allowed, or waits for an approval that may have been given. */
function isCurable(refusal: Refusal | undefined): boolean {
  return refusal === undefined || refusal.reason === 'approval_required'
}

/** docs/decisions.md, 5: decides once more, on what the authorization server says about the token at this moment. */
async function confirm(
  { endpoint: { route }, message, circumstances }: ReadRequest,
  credential: Credential,
  principal: Principal,
  rule: string,
): Promise<MessageVerdict> {
  const active = await route.verifier.confirmActive(credential, principal)
  return active.ok
    ? { ...route.policy.decide(active.value, message, circumstances), isConfirmed: true }
    : { rule, refusal: active.refusal }
}

/**
 * SCP-09: after too many equal challenges to one client of a caller, refuses without a challenge. Clients of one person
 * are counted apart.
 */
export function withoutLoop(
  refusal: Refusal,
  { endpoint: { route }, caller, message, circumstances }: ReadRequest,
): MaybeAsync<Refusal> {
  if (refusal.reason !== 'scope_missing') return refusal
  const { principal } = caller
  const operation = message.calls.flatMap(({ method, targets }) => [
    method,
    ...targets.map(({ name }) => name),
  ])
  const challenge = [principal?.clientId ?? '', ...operation, ...refusal.challenge]
  return andThen(
    route.limits.challengeLoops.isFutile(caller.key, challenge, circumstances.now),
    (isFutile) => {
      if (isFutile) return { ...refusal, futile: true } as const
      if (principal !== undefined) route.reportMissingScopes?.(principal, refusal.missing)
      return refusal
    },
  )
}
