// Asks a policy again about a recorded call. A rule that looks at arguments or claims is not asked: it is taken to say what
// it said then, or nothing is known of it, and then what may come out is tried. The verdicts come from policy/.
import type { AskedRule } from '../../core/route.ts'
import type { RuleEffect } from '../../core/settings.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import { ConditionFault, UNKNOWN } from '../../policy/condition/outcome.ts'
import type { Explanation, RuleExplanation } from '../../policy/explain.ts'
import type { RecordedAnswers, RecordedQuestion } from './recorded-question.ts'

export interface Rejudged {
  /** `depends`: on rules of which nothing is known. */
  readonly decision: Explanation['decision'] | 'depends'
  /** The decisions that are possible; several where it depends. */
  readonly possible: readonly Explanation['decision'][]
  readonly explanation: Explanation
  /** The rules that were not asked again. */
  readonly unasked: readonly UnaskedRule[]
}

export interface UnaskedRule {
  readonly rule: string
  readonly target: string
  /** `true`, `false`, `fault` or `unknown`, as the line has it; undefined where it says nothing of the rule. */
  readonly said: string | undefined
}

export function rejudge(
  policy: CompiledPolicy,
  { principal, call, around }: RecordedQuestion,
  said: RecordedAnswers,
): Rejudged {
  const ask = (assumed: (rule: AskedRule) => unknown) =>
    policy.explain(principal, call, {
      ...around,
      answered: (rule, target) =>
        rule.unrecorded ? (ANSWERS.get(said(rule.name, target.name) ?? '') ?? assumed(rule)) : undefined,
    })
  const explanation = ask(() => UNKNOWN)
  const [first, ...others] = TRUE_RULES.map((effects) => ask(({ effect }) => effects.includes(effect)))
  const isCertain = others.every(({ decision, rule }) => decision === first?.decision && rule === first.rule)
  const possible = [...new Set([first, ...others].flatMap((one) => one?.decision ?? []))]
  const unasked = explanation.targets.flatMap(({ name, rules }) =>
    rules.filter(isUnasked).map((rule) => ({ rule: rule.name, target: name, said: said(rule.name, name) })),
  )
  return isCertain && first !== undefined
    ? { decision: first.decision, possible, explanation: { ...first, targets: explanation.targets }, unasked }
    : { decision: 'depends', possible, explanation, unasked }
}

/** The rules that are taken to be true where nothing is known of them. No other choice decides in another way. */
const TRUE_RULES: readonly (readonly RuleEffect[])[] = [['allow'], ['allow', 'approve'], [], ['deny']]

const ANSWERS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['fault', new ConditionFault('it had no answer then')],
])

function isUnasked({ unrecorded, says }: RuleExplanation): boolean {
  return unrecorded === true && says !== 'silent' && says !== 'excepted'
}
