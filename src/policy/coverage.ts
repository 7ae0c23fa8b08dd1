// Finds whether one rule makes another needless, or opens what another protects (docs/decisions.md, 9). In doubt the
// answer is no: a finding is never wrong, but some cases are not found.
import type { RuleSettings } from '../core/settings.ts'
import type { Glob } from './glob.ts'
import { type Alternatives, alternativesOf, holdsAll } from './scope-sets.ts'
import { SELECTOR_KINDS, type Selectors, selectorsOf } from './selectors.ts'

/** What a rule reaches: its selectors for each kind, in the order of SELECTOR_KINDS, and the scopes that open it. */
export interface RuleReach {
  readonly rule: RuleSettings
  /** The rule's place in the file. */
  readonly index: number
  readonly selectors: readonly Selectors[]
  readonly alternatives: Alternatives
}

/** Undefined when the rule's scopes have more alternatives than are allowed. */
export function reachOf(rule: RuleSettings, index: number): RuleReach | undefined {
  const alternatives = rule.scopes === undefined ? [[]] : alternativesOf(rule.scopes)
  if (alternatives === undefined) return undefined
  return { rule, index, selectors: SELECTOR_KINDS.map((kind) => selectorsOf(rule, kind)), alternatives }
}

/** Whether `broad` covers every target that `narrow` covers. */
export function coversTargets(broad: RuleReach, narrow: RuleReach): boolean {
  return narrow.selectors.every((selectors, kind) => {
    const wide = broad.selectors[kind]
    return wide !== undefined && coversSelectors(wide, selectors)
  })
}

/** Whether `broad` holds whenever `narrow` does: it has no `who` and no `when` of its own, or the very same. */
export function coversTerms(broad: RuleReach, narrow: RuleReach): boolean {
  const { who, when } = broad.rule
  const anybody = who === undefined || JSON.stringify(who) === JSON.stringify(narrow.rule.who)
  return anybody && (when === undefined || when === narrow.rule.when)
}

export function coversSelectors(wide: Selectors, narrow: Selectors): boolean {
  const taken = (hole: Glob) => narrow.except.some((glob) => glob.covers(hole))
  return narrow.patterns.every((pattern) => {
    if (!wide.patterns.some((candidate) => candidate.covers(pattern))) return false
    return wide.except.every((hole) => !hole.overlaps(pattern) || taken(hole))
  })
}

/** Whether every caller with the scopes of `strict` has those of `lax`. The baseline is added to both. */
export function impliesScopes(
  strict: RuleReach,
  lax: RuleReach,
  closed: (granted: ReadonlySet<string>) => ReadonlySet<string>,
  baseline: readonly string[],
): boolean {
  return strict.alternatives.every((set) => {
    const granted = closed(new Set([...baseline, ...set]))
    return lax.alternatives.some((needed) => holdsAll(granted, needed))
  })
}
