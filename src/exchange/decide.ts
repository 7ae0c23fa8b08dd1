// The decision on a message. It may have to ask first: for rules that are kept elsewhere, or whether the token is still
// active at its issuer. Mostly nothing has to be asked, and the decision comes without a promise.
import type { Message } from '../core/call.ts'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import type { Refusal, Result } from '../core/refusal.ts'
import type { Circumstances, Decision } from '../core/route.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'
import type { Route } from './route.ts'
import { type NarrowedSubscription, narrowSubscription } from './subscription.ts'

export interface DecisionInput {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly credential: Result<Credential>
  readonly circumstances: Circumstances
}

export type MessageVerdict = Omit<Decision, 'requireActive'> & {
  /** What of a subscription was judged, where a part of it was left out. */
  readonly narrowed?: NarrowedSubscription
}

export function decide(input: DecisionInput): MaybeAsync<MessageVerdict> {
  const fresh = input.route.remote?.refresh()
  return fresh === undefined ? decideNow(input) : fresh.then(() => decideNow(input))
}

function decideNow(input: DecisionInput): MaybeAsync<MessageVerdict> {
  const part = narrowSubscription(input)
  if (part === undefined) return decideWhole(input)
  return andThen(decideWhole({ ...input, message: part.message }), (verdict) => ({
    ...verdict,
    narrowed: part,
  }))
}

function decideWhole(input: DecisionInput): MaybeAsync<MessageVerdict> {
  const { route, principal, message, credential, circumstances } = input
  const decision = route.policy.decide(principal, message, circumstances)
  const settled = decision.refusal !== undefined || !decision.requireActive
  if (settled || !credential.ok || principal === undefined) return decision
  return confirm(input, credential.value, principal, decision.rule)
}

/** docs/decisions.md, 5: decided once more on what the authorization server says of the token at this moment. */
async function confirm(
  { route, message, circumstances }: DecisionInput,
  credential: Credential,
  principal: Principal,
  rule: string,
): Promise<MessageVerdict> {
  const active = await route.verifier.confirmActive(credential, principal)
  return active.ok
    ? route.policy.decide(active.value, message, circumstances)
    : { rule, refusal: active.refusal }
}

/**
 * SCP-09: after too many equal challenges to one client of a caller, the next refusal is plain. Another client of the
 * same person is counted apart.
 */
export function withoutLoop(
  refusal: Refusal,
  route: Route,
  principal: Principal | undefined,
  { calls }: Message,
  { now, address }: Circumstances,
): Refusal {
  if (refusal.reason !== 'scope_missing') return refusal
  const operation = calls.flatMap(({ method, targets }) => [method, ...targets.map(({ name }) => name)])
  const challenge = [principal?.clientId ?? '', ...operation, ...refusal.challenge]
  const isFutile = route.limits.challengeLoops.isFutile(callerKey(principal, address), challenge, now)
  if (isFutile) return { ...refusal, futile: true }
  if (principal !== undefined) route.reportMissingScopes?.(principal, refusal.missing)
  return refusal
}
