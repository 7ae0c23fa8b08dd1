// What a check of the doctor is: one requirement, how it is seen to be kept or violated, and the cure. Ids are those of
// the requirement lists in docs/doctor.md.
import type { Scene } from './scene.ts'

/** `doubtful`: allowed, and known to keep clients out. `skipped`: nothing to judge, with the reason. */
export type State = 'kept' | 'violated' | 'doubtful' | 'skipped'

/** What a violation means: `open`: anybody gets in; `shut`: clients cannot get in; the rest is hardening. */
export type Severity = 'open' | 'shut' | 'hardening'

export interface Verdict {
  readonly state: State
  /** What was seen; empty when there is nothing to add. */
  readonly seen: string
  /** Where the cure of the check would be the wrong one. */
  readonly cure?: string
  /** Where it is not as grave as the check can be. */
  readonly severity?: Severity
}

export interface Check {
  readonly id: string
  readonly severity: Severity
  readonly rule: string
  readonly cure: string
  /** Part of the short form. */
  readonly quick?: true
  readonly judge: (scene: Scene) => Verdict | Promise<Verdict>
}

export const KEPT: Verdict = { state: 'kept', seen: '' }

export function violated(seen: string, cure?: string): Verdict {
  return { state: 'violated', seen, ...(cure === undefined ? {} : { cure }) }
}

/** Of a request that should be refused: another refusal than the right one lets nobody in. */
export function wronglyAnswered(status: number, seen = `status ${status}`, cure?: string): Verdict {
  return { ...violated(seen, cure), severity: status < 300 ? 'open' : 'shut' }
}

export function doubtful(seen: string): Verdict {
  return { state: 'doubtful', seen }
}

export function skipped(seen: string): Verdict {
  return { state: 'skipped', seen }
}

export function keptIf(kept: boolean, seen: string): Verdict {
  return kept ? KEPT : violated(seen)
}
