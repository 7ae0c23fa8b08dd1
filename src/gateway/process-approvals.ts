// The approvals of this process: kept in what gateways share, told to the audit, and ended when their time is over.
import { randomBytes } from 'node:crypto'
import { type Approvals, createApprovals } from '../approvals/approvals.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Settings } from '../core/settings.ts'
import type { ApprovalSettings } from '../core/settings-approvals.ts'
import type { SharedState } from '../core/shared-state.ts'
import { shareOf } from '../core/shares.ts'
import type { Logger } from '../observe/log.ts'
import { createApprovalNotices } from './approval-notices.ts'

/** How often those whose time is over are looked for. */
const SWEEP_MS = 60_000
/** Longer than any approval may wait and be used. */
const MAX_KEPT_MS = 26 * 3_600_000

export interface ProcessApprovals extends Approvals {
  /** The settings that serve now; undefined where nothing can be approved. */
  settings(): ApprovalSettings | undefined
  /** From now on those whose time is over are looked for at intervals; once is enough, for as long as this process lives. */
  startSweeping(): void
  close(): Promise<void>
}

export interface ProcessApprovalsOptions {
  readonly state: Pick<SharedState, 'records'>
  /** Those of the start: a changed key or size takes effect at the next one. */
  readonly started: Pick<Settings, 'sessionKey' | 'approvals' | 'limits'>
  readonly settings: () => Pick<Settings, 'approvals' | 'publicUrl'>
  readonly tell: (event: AuditEvent) => void
  readonly log: Pick<Logger, 'warn'>
  /** Whether this process looks for those whose time is over. */
  readonly sweeps: boolean
  /** Whether they are gone when this process ends. */
  readonly endsThem: boolean
}

export function openApprovals(options: ProcessApprovalsOptions): ProcessApprovals {
  const { state, started, settings, tell, log, sweeps, endsThem } = options
  const notices = createApprovalNotices({
    settings: () => settings().approvals?.webhook,
    publicUrl: () => settings().publicUrl,
    log,
  })
  const approvals = createApprovals({
    records: state.records('approvals', { forMs: MAX_KEPT_MS, ...boundsOf(started) }),
    secret: started.sessionKey ? Buffer.from(started.sessionKey.reveal()) : randomBytes(32),
    times: () => settings().approvals ?? CLOSED,
    now: () => Date.now(),
    tell,
    onAsked: (approval) => notices.tell(approval),
  })
  let timer: NodeJS.Timeout | undefined
  return {
    seek: (...call) => approvals.seek(...call),
    list: () => approvals.list(),
    find: (id) => approvals.find(id),
    decide: (...decision) => approvals.decide(...decision),
    sweep: () => approvals.sweep(),
    endAll: (why) => approvals.endAll(why),
    settings: () => settings().approvals,
    startSweeping() {
      if (sweeps) timer ??= setInterval(() => void approvals.sweep(), SWEEP_MS).unref()
    },
    async close() {
      clearInterval(timer)
      await notices.close()
      if (endsThem) await approvals.endAll('stopped')
    },
  }
}

/** Nothing waits, and nothing is used. */
const NONE = 0
const CLOSED = { decideMs: NONE, useMs: NONE }

function boundsOf({ approvals, limits }: Pick<Settings, 'approvals' | 'limits'>) {
  const size = approvals?.waiting ?? 1
  return { size, share: Math.min(approvals?.perCaller ?? 1, shareOf(size, limits.sharePerCaller)) }
}
