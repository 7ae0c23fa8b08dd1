// The interfaces of the live parts that a route uses: who proves a token, who decides on a message. Each part is built
// once for a generation; exchange/route.ts ties them together.
import type { Message, TargetKind } from './call.ts'
import type { Credential, Principal } from './principal.ts'
import type { Refusal, Result } from './refusal.ts'
import type { RuleEffect } from './settings.ts'
import type { MaybeAsync } from './turn.ts'

/** Proves a credential. A kept verdict comes at once, without a promise. */
export interface Verifier {
  /**
   * Says whose the token is. That does not prove that whoever presents it may use it; `bind` does. `now` is epoch
   * milliseconds.
   */
  prove(credential: Credential, now: number): MaybeAsync<Result<Principal>>
  /** Why the token of this principal may not be used the way it is shown; undefined when it may. */
  bind(credential: Credential, principal: Principal, now: number): MaybeAsync<Refusal | undefined>
  /** `prove`, then `bind`. */
  verify(credential: Credential, now: number): Promise<Result<Principal>>
  /** What the answer should offer to the next proof, when the nonce of this one ends soon (RFC 9449 §8.2). */
  nextNonce(credential: Credential, now: number): string | undefined
  /** A kept verdict that another gateway found to be over. */
  forgetDigest(digest: string): void
  /** Every kept verdict. */
  forgetAll(): void
  /** Whether `confirmActive` has somebody to ask. */
  canConfirm(principal: Principal): boolean
  /** One uncached introspection, for rules with `require_active` (docs/decisions.md, 5), and before an approval is used. */
  confirmActive(credential: Credential, principal: Principal): Promise<Result<Principal>>
}

/** The verdict on a whole message, with the name of the rule that spoke. */
export interface Decision {
  readonly rule: string
  readonly refusal: Refusal | undefined
  readonly requireActive: boolean
  /**
   * Rules whose condition has no answer, with the reason. Such a deny rule denies, such an allow rule does not allow.
   */
  readonly faulty?: readonly string[]
  /** What rules answered that look at arguments or claims, which are kept nowhere. */
  readonly answers?: readonly RuleAnswer[]
  /** The refusal if everything in `observe` were enforced (docs/decisions.md, 8). */
  readonly shadowRefusal?: Refusal
}

/** What one rule said of one target of a call. */
export interface RuleAnswer {
  readonly rule: string
  readonly target: string
  /** `fault`: its condition had no answer. `unknown`: it depends on arguments that were not there. */
  readonly says: 'true' | 'false' | 'fault' | 'unknown'
}

/** A rule whose answer may be known from before. */
export interface AskedRule {
  readonly name: string
  readonly effect: RuleEffect
  /** Whether it looks at arguments or claims, which no audit line has. */
  readonly unrecorded: boolean
}

/** What a rule may know of the request around a call. */
export interface Circumstances {
  /** Epoch milliseconds. */
  readonly now: number
  /** The address of the client, behind trusted proxies. */
  readonly address: string
  /** Name of the route. */
  readonly route: string
  /** For `explain` alone: what a rule is taken to say; undefined where it is asked. */
  readonly answered?: (rule: AskedRule, target: { readonly name: string }) => unknown
}

/** What the audit says of the policy that decides at a moment. The same object until another one decides. */
export interface PolicyInForce {
  /** SHA-256, in hexadecimal, of the text that keeps it (policy/kept-policy.ts). */
  readonly digest: string
  /** The roles that its rules name; of a caller's roles the audit says these. */
  readonly rolesNamed: ReadonlySet<string>
}

/** Pure. Deny is the answer when no rule speaks. A principal of undefined is an anonymous caller. */
export interface Policy {
  /** A message without calls (GET and DELETE of a session) needs the baseline. */
  decide(
    principal: Principal | undefined,
    message: Pick<Message, 'era' | 'calls'>,
    circumstances: Circumstances,
  ): Decision
  /** Whether a list may show this primitive to this caller. */
  shows(
    principal: Principal | undefined,
    kind: TargetKind,
    name: string,
    circumstances: Circumstances,
  ): boolean
  /** Whether `shows` is always true, so that lists need no filtering. */
  readonly showsAll: boolean
  /** Methods open without a token. */
  readonly anonymous: ReadonlySet<string>
  /** Undefined while there are no rules yet. */
  inForce(): PolicyInForce | undefined
}

/** What /readyz shows of an outside part. */
export interface PartStatus {
  readonly name: string
  readonly ready: boolean
  /** Milliseconds since the last success; undefined when there was none. */
  readonly ageMs: number | undefined
  readonly lastError: string | undefined
}

/** Counts unknown tokens by the network they come from, before they cost anything. */
export interface Attempts {
  /** Undefined: go on, and call `end` with the outcome. Else the seconds to wait. */
  begin(network: string): MaybeAsync<number | undefined>
  end(network: string, failed: boolean): void
}
