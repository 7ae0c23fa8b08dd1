// What a check of the doctor is: one requirement, how it is seen to be kept or violated, and the cure. Ids are those of
// docs/requirements.md.
import type { MaybeAsync } from '../../core/turn.ts'
import type { ServerSnapshot } from './server-snapshot.ts'

/** `doubtful`: allowed, but some clients are known to fail. `skipped`: nothing could be judged; the reason says why. */
export type CheckState = 'kept' | 'violated' | 'doubtful' | 'skipped'

/** What a violation means: `open`: anybody gets in; `shut`: clients cannot get in; the rest is hardening. */
export type Severity = 'open' | 'shut' | 'hardening'

export interface CheckResult {
  readonly state: CheckState
  /** What was seen; empty when there is nothing to add. */
  readonly seen: string
  /** Replaces the cure of the check, where that would be the wrong one. */
  readonly cure?: string
  /** Replaces the severity of the check, where this violation is less grave. */
  readonly severity?: Severity
}

export interface DoctorCheck {
  readonly id: string
  readonly severity: Severity
  readonly rule: string
  readonly cure: string
  /** Part of the short form. */
  readonly quick?: true
  readonly judge: (snapshot: ServerSnapshot) => MaybeAsync<CheckResult>
}

export const KEPT: CheckResult = { state: 'kept', seen: '' }

export function violated(seen: string, cure?: string): CheckResult {
  return { state: 'violated', seen, ...(cure === undefined ? {} : { cure }) }
}

/** For a request that should be refused: a refusal of another kind lets nobody in. */
export function wronglyAnswered(status: number, seen = `status ${status}`, cure?: string): CheckResult {
  return { ...violated(seen, cure), severity: status < 300 ? 'open' : 'shut' }
}

export function doubtful(seen: string): CheckResult {
  return { state: 'doubtful', seen }
}

export function skipped(seen: string): CheckResult {
  return { state: 'skipped', seen }
}

export function keptIf(kept: boolean, seen: string): CheckResult {
  return kept ? KEPT : violated(seen)
}
