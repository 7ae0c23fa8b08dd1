// What rules answered that look at arguments or claims, for the audit, which has neither. It asks no rule.
import type { Target } from '../core/call.ts'
import type { AskedRule, RuleAnswer } from '../core/route.ts'
import { UNKNOWN } from './condition/outcome.ts'

/** Empty where every rule about the target can be asked again. */
export function recordedAnswers(
  evaluations: readonly { readonly rule: AskedRule; readonly says: unknown }[],
  { name }: Target,
): readonly RuleAnswer[] {
  return evaluations
    .filter(({ rule }) => rule.unrecorded)
    .map(({ rule, says }) => ({ rule: rule.name, target: name, says: wordOf(says) }))
}

function wordOf(says: unknown): RuleAnswer['says'] {
  if (says === UNKNOWN) return 'unknown'
  return says === true ? 'true' : says === false ? 'false' : 'fault'
}
