// The decision on a message. It may have to ask first: for rules that are kept elsewhere, or whether the token is still
// active at its issuer. Mostly nothing has to be asked, and the decision comes without a promise.
import type { Message } from '../core/call.ts'
import { callerKey } from '../core/caller.ts'
import type { Credential, Principal } from '../core/principal.ts'
import type { Refusal, Result } from '../core/refusal.ts'
import type { Circumstances, Decision } from '../core/route.ts'
import type { Route } from './route.ts'
import { type Narrowed, narrowed } from './subscription.ts'

export interface Asking {
  readonly route: Route
  readonly principal: Principal | undefined
  readonly message: Message
  readonly credential: Result<Credential>
  readonly circumstances: Circumstances
}

export type Verdict = Omit<Decision, 'requireActive'> & {
  /** What of a subscription was judged, where a part of it was left out. */
  readonly narrowed?: Narrowed
}

export function decide(asking: Asking): Verdict | Promise<Verdict> {
  const fresh = asking.route.remote?.refresh()
  return fresh === undefined ? decideNow(asking) : fresh.then(() => decideNow(asking))
}

function decideNow(asking: Asking): Verdict | Promise<Verdict> {
  const part = narrowed(asking)
  if (part === undefined) return decideWhole(asking)
  const deciding = decideWhole({ ...asking, message: part.message })
  const told = (verdict: Verdict): Verdict => ({ ...verdict, narrowed: part })
  return deciding instanceof Promise ? deciding.then(told) : told(deciding)
}

function decideWhole(asking: Asking): Verdict | Promise<Verdict> {
  const { route, principal, message, credential, circumstances } = asking
  const decision = route.policy.decide(principal, message, circumstances)
  const settled = decision.refusal !== undefined || !decision.requireActive
  if (settled || !credential.ok || principal === undefined) return decision
  return confirm(asking, credential.value, principal, decision.rule)
}

/** docs/decisions.md, 5: decided once more on what the authorization server says of the token at this moment. */
async function confirm(
  { route, message, circumstances }: Asking,
  credential: Credential,
  principal: Principal,
  rule: string,
): Promise<Verdict> {
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
  const isFutile = route.limits.insistence.isFutile(callerKey(principal, address), challenge, now)
  if (isFutile) return { ...refusal, futile: true }
  if (principal !== undefined) route.tellMissing?.(principal, refusal.missing)
  return refusal
}
