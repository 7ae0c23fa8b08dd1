// A decision told rule by rule, for `portcullis explain`. It decides nothing: the verdicts come from decide.ts
// and judge.ts, so that what is told is what happens. Explanations are plain data, ready for JSON.
import type { Call, Target } from '../core/call.ts'
import { type MethodKind, methodKind } from '../core/methods.ts'
import type { Principal } from '../core/principal.ts'
import type { Reason } from '../core/refusal.ts'
import { decideMessage, grantedTo } from './decide.ts'
import { baselineOf, type CompiledRule, type PolicyParts } from './judge.ts'
import { holdsAll } from './scope-sets.ts'
import { createRuleIndex } from './selectors.ts'
import { isJudgeableUri } from './uri.ts'

export interface Explanation {
  readonly method: string
  readonly kind: MethodKind
  readonly decision: 'allowed' | Reason
  /** The rule that spoke; `baseline`, `default`, `methods` or `unsafe_uri` when none of the file did. */
  readonly rule: string
  /** Whether one uncached introspection follows (contract.md, decision 5). */
  readonly active: boolean
  /** Closed under `scopes_imply`; sorted, like every list of scopes here. */
  readonly granted: readonly string[]
  readonly baseline: { readonly needed: readonly string[]; readonly missing: readonly string[] }
  /** What is missing for this call, and what a challenge would ask for. Empty unless only scopes are missing. */
  readonly missing: readonly string[]
  readonly challenge: readonly string[]
  readonly default: 'allow' | 'deny'
  readonly targets: readonly TargetExplanation[]
}

export interface TargetExplanation extends Target {
  /** False for a resource URI that is refused whatever the rules say. */
  readonly judgeable: boolean
  readonly rules: readonly RuleExplanation[]
}

export interface RuleExplanation {
  readonly name: string
  readonly effect: 'allow' | 'deny'
  /** `excepted`: its selectors match and its `except` does too. */
  readonly says: 'true' | 'scopes_missing' | 'excepted' | 'silent'
  /** Of its own scopes, for each set that would do; without the baseline. */
  readonly missing: readonly (readonly string[])[]
}

export function explainCall(parts: PolicyParts, principal: Principal | undefined, call: Call): Explanation {
  const granted = grantedTo(parts, principal)
  const { rule, refusal, requireActive } = decideMessage(parts, principal, { era: 'modern', calls: [call] })
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
    targets: call.targets.map((target) => explainTarget(parts, granted, target)),
  }
}

function lacking(granted: ReadonlySet<string>, needed: readonly string[]): readonly string[] {
  return needed.filter((scope) => !granted.has(scope)).sort()
}

function explainTarget(parts: PolicyParts, granted: ReadonlySet<string>, target: Target): TargetExplanation {
  const speaking = new Set(parts.speakingOf(target))
  const isName = target.kind === 'tool' || target.kind === 'prompt'
  return {
    ...target,
    judgeable: isName || isJudgeableUri(target.name),
    rules: parts.rules.map((rule) => explainRule(rule, speaking.has(rule), granted, target)),
  }
}

function explainRule(
  rule: CompiledRule,
  speaks: boolean,
  granted: ReadonlySet<string>,
  target: Target,
): RuleExplanation {
  const { name, effect, alternatives } = rule
  if (!speaks) {
    const withoutExcept = createRuleIndex([{ ...rule, except: [] }])(target)
    return { name, effect, says: withoutExcept.length > 0 ? 'excepted' : 'silent', missing: [] }
  }
  if (alternatives.some((set) => holdsAll(granted, set))) return { name, effect, says: 'true', missing: [] }
  return { name, effect, says: 'scopes_missing', missing: alternatives.map((set) => lacking(granted, set)) }
}

/** The explanation in sentences, the decision first. */
export function tellExplanation(explanation: Explanation): string[] {
  return [tellDecision(explanation), tellBaseline(explanation), ...tellMethod(explanation)].concat(
    explanation.targets.flatMap((target) => tellTarget(explanation, target)),
  )
}

function tellDecision({ decision, rule, active, challenge, missing }: Explanation): string {
  if (decision === 'allowed') {
    const condition = active ? ', if the issuer still calls the token active' : ''
    return `allowed by \`${rule}\`${condition}`
  }
  if (decision === 'scope_missing') {
    return `refused: \`${rule}\` needs ${listed(missing)}; the challenge asks for ${listed(challenge)}`
  }
  return `refused: ${decision}, by \`${rule}\``
}

function tellBaseline({ baseline }: Explanation): string {
  if (baseline.needed.length === 0) return 'baseline: no scope is needed'
  if (baseline.missing.length === 0) return `baseline: ${listed(baseline.needed)} held`
  return `baseline: ${listed(baseline.missing)} missing`
}

function tellMethod({ method, kind, rule }: Explanation): string[] {
  if (kind === 'plumbing') return [`method \`${method}\` needs the baseline only`]
  if (kind !== 'unknown') return []
  if (rule.startsWith('methods.')) return [`method \`${method}\` is opened by \`policy.methods\``]
  return [`method \`${method}\` is not one of MCP's and \`policy.methods\` does not name it`]
}

function tellTarget(explanation: Explanation, { kind, name, judgeable, rules }: TargetExplanation): string[] {
  const subject = `${kind} \`${name}\``
  if (!judgeable) return [`${subject}: refused, because readers may resolve this URI differently`]
  const told = rules.map((rule) => `${subject}: rule \`${rule.name}\` ${tellRule(rule)}`)
  const ruled = rules.some(({ says }) => says === 'true' || says === 'scopes_missing')
  return ruled ? told : [...told, `${subject}: no rule speaks of it; the default is ${explanation.default}`]
}

function tellRule({ effect, says, missing }: RuleExplanation): string {
  switch (says) {
    case 'silent':
      return 'does not speak of it'
    case 'excepted':
      return 'would speak of it, but its `except` names it'
    case 'true':
      return effect === 'deny' ? 'denies it' : 'allows it: its scopes are held'
    case 'scopes_missing':
      return `would allow it with ${missing.map(listed).join(', or with ')}`
  }
}

function listed(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'nothing' : scopes.map((scope) => `\`${scope}\``).join(' and ')
}
