// Explains a decision, rule by rule, for `portcullis explain`. It decides nothing: the verdicts come from decide.ts and
// judgement.ts, so the explanation is what really happens. Explanations are plain data, ready for JSON.
import type { Call, Target } from '../core/call.ts'
import { type MethodKind, methodKind } from '../core/methods.ts'
import type { Principal } from '../core/principal.ts'
import type { Reason } from '../core/refusal.ts'
import type { Circumstances } from '../core/route.ts'
import type { RuleEffect } from '../core/settings.ts'
import { ConditionFault, UNKNOWN } from './condition/outcome.ts'
import { decideMessage, evaluationContextOf } from './decide.ts'
import { type EvaluationContext, type TargetUse, targetUseOf } from './evaluation.ts'
import { baselineOf, type CompiledRule, evaluateRules, isJudgeable, type PolicyParts } from './judgement.ts'
import { tellApprovers } from './matrix.ts'
import { holdsAll } from './scope-sets.ts'
import { createRuleIndex } from './selectors.ts'

export interface Explanation {
  readonly method: string
  readonly kind: MethodKind
  readonly decision: 'allowed' | Reason
  /**
   * The rule that decided; `baseline`, `default`, `methods`, `unsafe_name` or `unsafe_uri` when no rule of the file
   * did.
   */
  readonly rule: string
  /** Whether one uncached introspection follows (docs/decisions.md, 5). */
  readonly active: boolean
  /** The granted scopes with all that they imply (`scopes_imply`); sorted, like every list of scopes here. */
  readonly granted: readonly string[]
  readonly baseline: { readonly needed: readonly string[]; readonly missing: readonly string[] }
  /**
   * The scopes that are missing for this call, and in `challenge` those that a challenge would ask for. Both are empty
   * unless only scopes are missing.
   */
  readonly missing: readonly string[]
  readonly challenge: readonly string[]
  readonly default: 'allow' | 'deny'
  /** The decision if everything in `observe` were enforced; absent when it is the same. */
  readonly would?: { readonly decision: Reason; readonly rule: string }
  readonly targets: readonly TargetExplanation[]
}

export interface TargetExplanation extends Target {
  /** False for a URI or a name that is refused whatever the rules say. */
  readonly judgeable: boolean
  readonly rules: readonly RuleExplanation[]
}

export interface RuleExplanation {
  readonly name: string
  readonly effect: RuleEffect
  /** Set for a deny or approve rule that is only observed. */
  readonly observed?: true
  /** Who approves, in words; of an approve rule. */
  readonly approvers?: string
  /** Set for a rule that looks at arguments or claims, which no audit line has. */
  readonly unrecorded?: true
  /**
   * What the rule says. `excepted`: its selectors match, and so does its `except`. `false`: its `who` or `when` is
   * false. `unknown`: it depends on arguments that are not known. `fault`: its condition has no answer.
   */
  readonly says: 'true' | 'scopes_missing' | 'excepted' | 'silent' | 'false' | 'unknown' | 'fault'
  /** The reason of a `fault`. */
  readonly why?: string
  /** Which of the rule's own scopes are missing, for each set that would do; without the baseline. */
  readonly missing: readonly (readonly string[])[]
}

export function explainCall(
  parts: PolicyParts,
  principal: Principal | undefined,
  call: Call,
  circumstances: Circumstances,
): Explanation {
  const context = evaluationContextOf(parts, principal, circumstances)
  const { granted } = context
  const message = { era: 'modern', calls: [call] } as const
  const {
    rule,
    refusal,
    requireActive,
    shadowRefusal: would,
  } = decideMessage(parts, principal, message, circumstances)
  const scopes = refusal?.reason === 'scope_missing' ? refusal : { missing: [], challenge: [] }
  const needed = baselineOf(parts, call.method)
  return {
    method: call.method,
    kind: methodKind(call.method),
    decision: refusal?.reason ?? 'allowed',
    rule,
    active: requireActive,
    granted: [...granted].sort(),
    baseline: { needed: [...needed].sort(), missing: lacking(granted, needed) },
    missing: scopes.missing,
    challenge: scopes.challenge,
    default: parts.fallback,
    ...(would ? { would: { decision: would.reason, rule: 'rule' in would ? would.rule : rule } } : {}),
    targets: call.targets.map((target) => explainTarget(parts, context, targetUseOf(call), target)),
  }
}

function lacking(granted: ReadonlySet<string>, needed: readonly string[]): readonly string[] {
  return needed.filter((scope) => !granted.has(scope)).sort()
}

function explainTarget(
  parts: PolicyParts,
  context: EvaluationContext,
  use: TargetUse,
  target: Target,
): TargetExplanation {
  const answers = new Map(evaluateRules(parts, context, use, target).map(({ rule, says }) => [rule, says]))
  return {
    ...target,
    judgeable: isJudgeable(target),
    rules: parts.rules.map((rule) => ({
      name: rule.name,
      effect: rule.effect,
      ...(rule.observed ? { observed: true as const } : {}),
      ...(rule.approvers ? { approvers: tellApprovers(rule.approvers) } : {}),
      ...(rule.unrecorded ? { unrecorded: true as const } : {}),
      ...(answers.has(rule)
        ? explainSaying(rule, answers.get(rule), context.granted)
        : explainSilence(rule, target)),
    })),
  }
}

type Saying = Pick<RuleExplanation, 'says' | 'why' | 'missing'>

function explainSilence(rule: CompiledRule, target: Target): Saying {
  const withoutExcept = createRuleIndex([{ ...rule, except: [] }])(target)
  return { says: withoutExcept.length > 0 ? 'excepted' : 'silent', missing: [] }
}

function explainSaying(rule: CompiledRule, answer: unknown, granted: ReadonlySet<string>): Saying {
  if (answer instanceof ConditionFault) return { says: 'fault', why: answer.why, missing: [] }
  if (answer === false) return { says: 'false', missing: [] }
  const missing = rule.alternatives.map((set) => lacking(granted, set))
  if (!rule.alternatives.some((set) => holdsAll(granted, set))) return { says: 'scopes_missing', missing }
  return { says: answer === UNKNOWN ? 'unknown' : 'true', missing: [] }
}

/** The explanation in sentences, the decision first. */
export function formatExplanation(explanation: Explanation): string[] {
  return [
    tellDecision(explanation),
    ...tellWould(explanation),
    tellBaseline(explanation),
    ...tellMethod(explanation),
    ...explanation.targets.flatMap((target) => tellTarget(explanation, target)),
  ]
}

function tellWould({ would }: Explanation): string[] {
  return would === undefined
    ? []
    : [`only observed: enforcing would refuse it: ${would.decision}, by \`${would.rule}\``]
}

function tellDecision({ decision, rule, active, challenge, missing }: Explanation): string {
  if (decision === 'allowed') {
    const condition = active ? ', if the issuer still calls the token active' : ''
    return `allowed by \`${rule}\`${condition}`
  }
  if (decision === 'scope_missing') {
    return `refused: \`${rule}\` needs ${listed(missing)}; the challenge asks for ${listed(challenge)}`
  }
  if (decision === 'approval_required') {
    return `waits for approval, by \`${rule}\`: it is allowed once somebody else has approved this very call`
  }
  return `refused: ${decision}, by \`${rule}\``
}

function tellBaseline({ baseline }: Explanation): string {
  if (baseline.needed.length === 0) return 'baseline: no scope is needed'
  if (baseline.missing.length === 0) return `baseline: ${listed(baseline.needed)} held`
  return `baseline: ${listed(baseline.missing)} missing`
}

function tellMethod({ method, kind, rule }: Explanation): string[] {
  if (kind === 'protocol') return [`method \`${method}\` needs the baseline only`]
  if (kind !== 'unknown') return []
  if (rule.startsWith('methods.')) return [`method \`${method}\` is opened by \`policy.methods\``]
  return [`method \`${method}\` is not one of MCP's and \`policy.methods\` does not name it`]
}

const URI_WORDS = 'readers may resolve this URI differently'
const NAME_WORDS = 'readers may take this name for another'
const UNSAFE_WORDS = {
  tool: NAME_WORDS,
  prompt: NAME_WORDS,
  resource: URI_WORDS,
  template: URI_WORDS,
} as const

function tellTarget(explanation: Explanation, { kind, name, judgeable, rules }: TargetExplanation): string[] {
  const subject = `${kind} \`${name}\``
  if (!judgeable) return [`${subject}: refused, because ${UNSAFE_WORDS[kind]}`]
  const sentences = rules.map((rule) => `${subject}: rule \`${rule.name}\` ${tellRule(rule)}`)
  const ruled = rules.some(
    ({ effect, says }) => effect !== 'deny' && says !== 'silent' && says !== 'excepted',
  )
  const denied = rules.some(({ effect, says }) => effect === 'deny' && says === 'true')
  return ruled || denied
    ? sentences
    : [...sentences, `${subject}: no rule speaks of it; the default is ${explanation.default}`]
}

function tellRule({ effect, observed, says, why, missing, approvers }: RuleExplanation): string {
  const deny = observed ? 'would deny it, and is only observed' : 'denies it'
  const approval = `${observed ? 'would ask, and is only observed,' : 'asks'} for approval by ${approvers}`
  switch (says) {
    case 'silent':
      return 'does not speak of it'
    case 'excepted':
      return 'would speak of it, but its `except` names it'
    case 'false':
      return `does not ${effect} it: its \`who\` or \`when\` is not met`
    case 'unknown':
      return effect === 'approve'
        ? 'may ask for approval: that depends on the arguments'
        : `may ${effect} it: that depends on the arguments`
    case 'fault':
      return `has no answer (${why}), so it ${effect === 'allow' ? 'does not allow it' : deny}`
    case 'true':
      if (effect === 'approve') return `${approval}: its scopes are held`
      return effect === 'deny' ? deny : 'allows it: its scopes are held'
    case 'scopes_missing':
      return `would ${effect === 'approve' ? 'ask for approval' : 'allow it'} with ${missing.map(listed).join(', or with ')}`
  }
}

function listed(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'nothing' : scopes.map((scope) => `\`${scope}\``).join(' and ')
}
