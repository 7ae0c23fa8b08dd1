// What is known of an exchange when it has ended, for its audit line and the metrics.
import type { Call } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Refusal } from '../core/refusal.ts'
import type { PolicyInForce, RuleAnswer } from '../core/route.ts'
import type { RequestTrace } from './request-trace.ts'

/** How a response ended: whole, left by the client, or broken off by the upstream (L40). */
export type ResponseEnding = 'complete' | 'client_closed' | 'upstream_aborted' | 'gateway_closed'

/** What the JSON-RPC answer said, apart from the HTTP status. */
export type RpcOutcome = 'result' | 'error' | 'tool_error' | 'none'

export interface RequestRecord {
  readonly id: string
  /** The reading of the configuration that judged it (F08, K22). */
  readonly generation: number
  readonly route: string
  readonly httpMethod: string
  readonly address: string
  readonly clientRequestId: string | undefined
  readonly startedMs: number
  /** What its spans are made of; absent where no traces are asked for. */
  readonly trace?: RequestTrace | undefined
  principal: Principal | undefined
  /** The policy that decided; before the decision, the one that would have. */
  policy: PolicyInForce | undefined
  calls: readonly Call[]
  /** The rule that spoke; empty before a decision. */
  rule: string
  /** Rules whose condition had no answer; undefined when there was none. */
  faulty: readonly string[] | undefined
  /** What rules answered that look at what no line has; undefined when there were none. */
  answers: readonly RuleAnswer[] | undefined
  /** What enforcing would have refused, in `observe`. */
  would: Refusal | undefined
  refusal: Refusal | undefined
  /** The id of the approval that the call waits for, or has used. */
  approval?: string
  /** Resources that were left out of a subscription; undefined when there were none. */
  withheld: readonly string[] | undefined
  /** Whether it was sent to the upstream once more, since a kept connection was closed. */
  resent: boolean
  /** Whether it became a stream that listens. */
  isStream: boolean
  status: number
  rpc: RpcOutcome
  ending: ResponseEnding
}
