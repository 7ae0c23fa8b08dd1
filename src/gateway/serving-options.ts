// The options of a gateway, whether it listens itself or is mounted: the settings, and the parts that a program may
// bring.
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { TokenVerifier } from '../core/token-verifier.ts'
import type { BodyBudget } from '../http/body.ts'
import type { AccessOutput } from '../observe/access-log.ts'
import type { Activity } from '../observe/activity.ts'
import type { OpenCalls } from '../observe/audit.ts'
import type { AuditSink } from '../observe/audit-sink.ts'
import type { Logger } from '../observe/log.ts'
import type { Programs } from '../upstream/program/programs.ts'

export interface ServingOptions {
  readonly settings: Settings
  /** By default JSON lines on standard error, from level `info` on. */
  readonly log?: Logger
  /** One verifier for each issuer with `verifier: custom`, by the name of the issuer. */
  readonly verifiers?: Readonly<Record<string, TokenVerifier>>
  /** Where audit lines go instead of `audit.file`. */
  readonly auditSink?: AuditSink
  /** Where a person is told of each call; absent: nobody watches. */
  readonly accessOutput?: AccessOutput
  /** Told of each call for the console of the administration port; absent: there is none. */
  readonly activity?: Pick<Activity, 'record'>
  /** The number of the first generation; 1 by default. */
  readonly generation?: number
  /** Whether this process deletes expired data of the authorization server. One of several processes does. */
  readonly housekeeping?: boolean
  /** Records the calls under way so that the record outlives this process; with `audit.required` only. */
  readonly openCalls?: OpenCalls
  /** How much memory request bodies may take; BODY_BUDGET by default. */
  readonly bodies?: BodyBudget
  /**
   * The state that is shared with other gateways; by default tables in memory. The gateway closes it when it closes.
   */
  readonly state?: SharedState
  /** The servers that are programs; by default this process starts them. The gateway closes it when it closes. */
  readonly programs?: Programs
}
