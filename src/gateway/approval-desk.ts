// Where approvals are looked at and decided on, in the process that has the administration port. It holds each decision
// against the settings that serve now; http asks it, and keeps out who may not come.
import type { Approval, Verdict } from '../approvals/approval.ts'
import type { Approvals, Decided } from '../approvals/approvals.ts'
import type { Settings } from '../core/settings.ts'
import type { ApprovalWebhookSettings } from '../core/settings-approvals.ts'
import type { Unavailable } from '../core/shared-state.ts'
import {
  type AdmittedDecider,
  isCurrent,
  type Objection,
  objectionTo,
  type TermsOf,
} from './approval-terms.ts'

export interface ApprovalDesk {
  list(): Promise<readonly Approval[] | Unavailable>
  find(id: string): Promise<Approval | undefined | Unavailable>
  /** Why this decider may not decide on it; undefined when they may. */
  objection(approval: Approval, decider: AdmittedDecider): Objection | undefined
  decide(id: string, decision: ApprovalDecision): Promise<Decided>
  /** The service that may send decisions; undefined where none may. */
  webhook(): ApprovalWebhookSettings | undefined
}

export interface ApprovalDecision {
  readonly verdict: Verdict
  /** The digest of what the decider was shown. */
  readonly digest: string
  readonly decider: AdmittedDecider
  readonly address?: string
}

export interface DeskParts {
  readonly approvals: Approvals
  readonly settings: () => Settings
  readonly termsOf: TermsOf
}

export function createApprovalDesk({ approvals, settings, termsOf }: DeskParts): ApprovalDesk {
  return {
    list: () => approvals.list(),
    find: (id) => approvals.find(id),
    objection: (approval, decider) => objectionTo(settings(), approval, decider),
    decide: (id, { decider, ...decision }) =>
      approvals.decide(id, {
        ...decision,
        decider,
        objection: (approval) => objectionTo(settings(), approval, decider),
        isCurrent: (call) => isCurrent(termsOf(call.route), call),
      }),
    webhook: () => settings().approvals?.webhook,
  }
}
