// What the console shows and changes, as the gateway or the primary of its workers gives it.
import type { Approval, Verdict } from '../approvals/approval.ts'
import type { Approvals, Decided } from '../approvals/approvals.ts'
import type { LoadCause } from '../core/audit-event.ts'
import type { Inventory } from '../core/manifest.ts'
import type { Operator } from '../core/operator.ts'
import type { Readiness } from '../core/readiness.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { JointActivity } from '../observe/joint-activity.ts'
import type { Logger } from '../observe/log.ts'

export type AskedInventory =
  | { readonly ok: true; readonly value: Inventory }
  | { readonly ok: false; readonly problem: string }

/** Calls that wait for somebody to approve them, by the rules that serve now. */
export interface ConsoleApprovals extends Pick<Approvals, 'list' | 'find'> {
  /** Why this operator may not decide on it, in words; undefined when they may. */
  objection(approval: Approval, operator: Operator): string | undefined
  /** `why` of a refusal is in words too. */
  decide(id: string, decision: ConsoleDecision): Promise<Decided>
}

export interface ConsoleDecision {
  readonly verdict: Verdict
  /** The digest of what the operator was shown. */
  readonly digest: string
  readonly operator: Operator
  readonly address: string
}

export interface ConsoleSource {
  /** The settings that serve now. */
  readonly settings: () => Settings
  readonly readiness: () => MaybeAsync<Readiness>
  readonly activity: JointActivity
  readonly approvals: ConsoleApprovals
  readonly log: Pick<Logger, 'error'>
  /** Everything that the server of a route lists now; or a sentence that says why it could not be asked. */
  readonly inventoryOf: (route: RouteSettings) => Promise<AskedInventory>
  /** Serves the settings of that moment anew, with the manifests as they are on the disk by then. Rejects where it cannot. */
  refresh(cause: LoadCause): Promise<void>
}
