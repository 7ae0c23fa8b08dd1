// What a gateway is made of, whether it listens itself or is mounted: the settings, and the parts that a program may bring.
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { TokenVerifier } from '../core/token-verifier.ts'
import type { BodyBudget } from '../http/body.ts'
import type { OpenCalls } from '../observe/audit.ts'
import type { AuditSink } from '../observe/audit-sink.ts'
import type { Logger } from '../observe/log.ts'

export interface ServingOptions {
  readonly settings: Settings
  /** JSON lines on standard error, from `info` on, by default. */
  readonly log?: Logger
  /** By the name of the issuer: one for each with `verifier: custom`. */
  readonly verifiers?: Readonly<Record<string, TokenVerifier>>
  /** Where audit lines go instead of `audit.file`. */
  readonly auditSink?: AuditSink
  /** The number of the first generation; 1 by default. */
  readonly generation?: number
  /** Whether this process removes what is over from the data of the authorization server; one of several does. */
  readonly housekeeping?: boolean
  /** Where calls under way stand so that they outlive this process; with `audit.required` only. */
  readonly openCalls?: OpenCalls
  /** What request bodies may take; BODY_BUDGET by default. */
  readonly bodies?: BodyBudget
  /** What is shared with other gateways; tables in memory by default. Closed with the gateway. */
  readonly state?: SharedState
}
