// Approvals where several workers serve: they wait in what the workers share, and are decided on at the administration port
// of their primary.
import type { ConsoleApprovals } from '../console/source.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { AdminSource } from '../gateway/admin-listener.ts'
import { createApprovalDesk } from '../gateway/approval-desk.ts'
import { approvalPages } from '../gateway/approval-pages.ts'
import { type BoundTerms, boundTerms, type TermsOf } from '../gateway/approval-terms.ts'
import { approvalWebhook } from '../gateway/approval-webhook.ts'
import { consoleApprovals } from '../gateway/console-approvals.ts'
import { openState } from '../gateway/open-state.ts'
import { openApprovals } from '../gateway/process-approvals.ts'
import type { Logger } from '../observe/log.ts'

/** What the administration port serves of them. */
export interface PrimaryApprovals extends Required<Pick<AdminSource, 'pages' | 'signedPages'>> {
  readonly shown: ConsoleApprovals
  close(): Promise<void>
}

export interface PrimaryApprovalsOptions {
  /** The tables that the primary keeps for its workers. */
  readonly tables: SharedState
  /** With the key that all workers have. */
  readonly started: Settings
  readonly settings: () => Settings
  /** Another number each time that the workers have loaded something. */
  readonly generation: () => number
  readonly record: (event: AuditEvent) => void
  readonly log: Logger
}

/** Throws when the store that the file names answers but cannot be used. */
export async function openPrimaryApprovals(options: PrimaryApprovalsOptions): Promise<PrimaryApprovals> {
  const { tables, started, settings, generation, record, log } = options
  const state = started.state === undefined ? tables : await openState(started, log)
  const approvals = openApprovals({
    ...{ state, started, settings, tell: record, log },
    sweeps: false, // a worker does
    endsThem: started.state === undefined,
  })
  const desk = createApprovalDesk({ approvals, settings, termsOf: createTerms(settings, generation) })
  return {
    pages: approvalPages(desk),
    shown: consoleApprovals(desk),
    signedPages: [approvalWebhook(desk)],
    async close() {
      await approvals.close()
      if (state !== tables) await state.close()
    },
  }
}

/** The primary has no routes of its own, so it reads what they are bound to: once for what its workers have loaded. */
function createTerms(settings: () => Settings, generation: () => number): TermsOf {
  let [loaded, known] = [generation(), new Map<string, BoundTerms>()]
  return (name) => {
    if (generation() !== loaded) [loaded, known] = [generation(), new Map()]
    const route = settings().routes.find((each) => each.name === name)
    const terms = known.get(name) ?? (route && boundTerms(settings(), route))
    if (terms !== undefined) known.set(name, terms)
    return terms
  }
}
