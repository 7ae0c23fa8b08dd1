// Judges one call of one caller: what the rules say about each thing that it names (docs/decisions.md, 1 to 3 and 7).
// It returns facts; decide.ts turns them into a decision on the whole message.
import type { Call, Target } from '../core/call.ts'
import { methodKind } from '../core/methods.ts'
import type { Denial } from '../core/refusal.ts'
import type { RuleAnswer } from '../core/route.ts'
import type { RuleEffect } from '../core/settings.ts'
import type { ApproverSettings } from '../core/settings-approvals.ts'
import { ConditionFault, UNKNOWN } from './condition/outcome.ts'
import type { Annotations } from './condition/vocabulary.ts'
import {
  createEvaluator,
  type EvaluationContext,
  type RuleTerms,
  type TargetUse,
  targetUseOf,
} from './evaluation.ts'
import { isJudgeableName } from './name.ts'
import { recordedAnswers } from './recorded-answers.ts'
import { type Alternatives, holdsAll } from './scope-sets.ts'
import type { Targeting } from './selectors.ts'
import { isJudgeableTemplate, isJudgeableUri } from './uri.ts'

/** A rule or a default that allows whoever holds all scopes of one alternative. */
export interface PolicyGrant {
  readonly name: string
  readonly requireActive: boolean
  readonly alternatives: Alternatives
}

export interface CompiledRule extends PolicyGrant, Targeting, RuleTerms {
  readonly effect: RuleEffect
  readonly denial: Denial
  /** Whether it is a deny or approve rule that is only observed. */
  readonly observed: boolean
  readonly approvers?: ApproverSettings
  /** Whether it looks at arguments or claims, which no audit line has. */
  readonly unrecorded: boolean
}

/** A compiled policy; compile.ts makes it. */
export interface PolicyParts {
  readonly rules: readonly CompiledRule[]
  readonly baseline: readonly string[]
  readonly fallback: 'allow' | 'deny'
  readonly denial: Denial
  readonly anonymous: ReadonlySet<string>
  readonly methods: ReadonlyMap<string, PolicyGrant>
  /** Every scope that this route names, in its baseline, a rule or a method. */
  readonly scopesNamed: ReadonlySet<string>
  /** Which part is only observed: the whole policy, some rules, or nothing. */
  readonly observed: 'policy' | 'rules' | 'nothing'
  readonly speakingOf: (target: Target) => readonly CompiledRule[]
  /** Returns the granted scopes with everything that they imply. */
  readonly closed: (granted: ReadonlySet<string>) => ReadonlySet<string>
  /** Whether decisions say what rules answered that look at what no audit line has. */
  readonly recordsAnswers: boolean
  /** Returns the approved annotations of a tool; undefined where none are pinned. */
  readonly annotationsOf: (tool: string) => Annotations | undefined
}

export type RuleVerdict = VerdictKind & {
  /** Rules whose condition has no answer, as `name: why`. */
  readonly faulty?: readonly string[]
  readonly answers?: readonly RuleAnswer[]
}

type VerdictKind =
  | { readonly kind: 'allowed'; readonly rule: string; readonly requireActive: boolean }
  /** Only scopes are missing. `wanted` are those to ask for beside the baseline. */
  | {
      readonly kind: 'scopes_missing'
      readonly rule: string
      readonly wanted: readonly string[]
      readonly missing: readonly string[]
    }
  /** The scopes are held; each of `rules` wants one of its approvers to agree. */
  | {
      readonly kind: 'approval'
      readonly rule: string
      readonly rules: readonly string[]
      readonly requireActive: boolean
    }
  | { readonly kind: 'denied'; readonly rule: string; readonly denial: Denial }
  | { readonly kind: 'method_unknown'; readonly method: string }

/** Names of the verdicts that no rule of the file gave. */
const BASELINE = unconditional('baseline')
const DEFAULT = unconditional('default')
/** These are denied before any rule, because a server could read the name as another one. */
export const UNSAFE_RULES: ReadonlySet<string> = new Set(['unsafe_name', 'unsafe_uri'])

function unconditional(name: string): PolicyGrant {
  return { name, requireActive: false, alternatives: [[]] }
}

/** One verdict for each target, or one for the method. */
export function judgeCall(
  parts: PolicyParts,
  context: EvaluationContext,
  call: Call,
): readonly RuleVerdict[] {
  if (call.kind === 'response') return [judgeProtocolMethod(parts, context, call.method)]
  switch (methodKind(call.method)) {
    case 'protocol':
      return [judgeProtocolMethod(parts, context, call.method)]
    case 'unknown':
      return [judgeOwnMethod(parts, context, call.method)]
    case 'targeted':
    case 'task':
      return judgeTargets(parts, context, call)
  }
}

/** Judges a method of the protocol, which needs the baseline only. */
export function judgeProtocolMethod(
  parts: PolicyParts,
  { granted }: EvaluationContext,
  method: string,
): RuleVerdict {
  return judgeGrants([BASELINE], baselineOf(parts, method), granted)
}

/** Judges an unknown method, which is open only where the file names it (M13). */
function judgeOwnMethod(parts: PolicyParts, { granted }: EvaluationContext, method: string): RuleVerdict {
  const grant = parts.methods.get(method)
  if (grant === undefined) return { kind: 'method_unknown', method }
  return judgeGrants([grant], baselineOf(parts, method), granted)
}

function judgeTargets(parts: PolicyParts, context: EvaluationContext, call: Call): readonly RuleVerdict[] {
  if (call.targets.length > 0) {
    const use = targetUseOf(call)
    return call.targets.map((target) => judgeTarget(parts, context, use, target))
  }
  // A subscription to list changes names nothing. Any other call that names nothing is not understood (SCP-06).
  if (call.method === 'subscriptions/listen') return [judgeProtocolMethod(parts, context, call.method)]
  return [{ kind: 'denied', rule: DEFAULT.name, denial: parts.denial }]
}

export function judgeTarget(
  parts: PolicyParts,
  context: EvaluationContext,
  use: TargetUse,
  target: Target,
): RuleVerdict {
  if (!isJudgeable(target)) {
    return {
      kind: 'denied',
      rule: namesResource(target) ? 'unsafe_uri' : 'unsafe_name',
      denial: parts.denial,
    }
  }
  const evaluations = evaluateRules(parts, context, use, target)
  const faulty = evaluations.flatMap(({ rule, says }) =>
    says instanceof ConditionFault ? `${rule.name}: ${says.why}` : [],
  )
  const weighed = weigh(parts, context, use, evaluations)
  const answers = parts.recordsAnswers && !use.anybody ? recordedAnswers(evaluations, target) : []
  const verdict = answers.length === 0 ? weighed : { ...weighed, answers }
  return faulty.length === 0 ? verdict : { ...verdict, faulty }
}

export interface RuleEvaluation {
  readonly rule: CompiledRule
  /** What the rule says: true, false, UNKNOWN or a ConditionFault. */
  readonly says: unknown
}

/** Returns what each rule about the target says, in file order. */
export function evaluateRules(
  parts: PolicyParts,
  context: EvaluationContext,
  use: TargetUse,
  target: Target,
): readonly RuleEvaluation[] {
  const annotations = target.kind === 'tool' ? parts.annotationsOf(target.name) : undefined
  const ask = createEvaluator(context, use, target, annotations)
  const { answered } = context.circumstances
  return parts.speakingOf(target).map((rule) => ({ rule, says: answered?.(rule, target) ?? ask(rule) }))
}

function weigh(
  parts: PolicyParts,
  context: EvaluationContext,
  use: TargetUse,
  evaluations: readonly RuleEvaluation[],
): RuleVerdict {
  const baseline = baselineOf(parts, use.method)
  const denying = evaluations.find((each) => denies(each, context, use))
  if (denying !== undefined) return deniedBy(denying.rule)
  const guarding = evaluations.filter((each) => asksForApproval(each, context, use))
  if (guarding.length > 0) return judgeApproval(rulesOf(guarding), baseline, context.granted)
  const opening = evaluations.filter(({ rule }) => opens(rule, context))
  const [failed] = opening
  // docs/decisions.md, 2: the default never rescues a rule that opens the call and failed.
  if (failed !== undefined) {
    const holding = opening.filter(({ says }) => says === true || says === UNKNOWN)
    if (holding.length === 0) return deniedBy(failed.rule)
    return judgeGrants(rulesOf(holding), baseline, context.granted)
  }
  if (parts.fallback === 'allow') return judgeGrants([DEFAULT], baseline, context.granted)
  return { kind: 'denied', rule: DEFAULT.name, denial: parts.denial }
}

function rulesOf(evaluations: readonly RuleEvaluation[]): readonly CompiledRule[] {
  return evaluations.map(({ rule }) => rule)
}

/** docs/decisions.md, 31: an approve rule opens the call to whoever is approved; one that is only observed opens nothing. */
function opens({ effect, observed }: CompiledRule, { strict }: EvaluationContext): boolean {
  return effect === 'allow' || (effect === 'approve' && (strict || !observed))
}

function asksForApproval(
  { rule, says }: RuleEvaluation,
  context: EvaluationContext,
  { approval }: TargetUse,
): boolean {
  return rule.effect === 'approve' && says === true && approval === 'asked' && opens(rule, context)
}

/** docs/decisions.md, 31: of several approve rules, each whose scopes are held wants one of its approvers to agree. */
function judgeApproval(
  rules: readonly CompiledRule[],
  baseline: readonly string[],
  granted: ReadonlySet<string>,
): RuleVerdict {
  const verdict = judgeGrants(rules, baseline, granted)
  if (verdict.kind !== 'allowed') return verdict
  const held = rules.filter(({ alternatives }) => alternatives.some((set) => holdsAll(granted, set)))
  return {
    kind: 'approval',
    rule: verdict.rule,
    rules: held.map(({ name }) => name),
    requireActive: held.some(({ requireActive }) => requireActive),
  }
}

/**
 * docs/decisions.md, 1: a deny rule denies when it is true, and when it has no answer. An approve rule without an answer
 * denies too: nobody knows whether the call needs approval.
 */
function denies(
  { rule, says }: RuleEvaluation,
  { strict }: EvaluationContext,
  { onUnknown }: TargetUse,
): boolean {
  if (rule.effect === 'allow' || (rule.observed && !strict)) return false
  if (says instanceof ConditionFault || (says === UNKNOWN && onUnknown === 'deny')) return true
  return says === true && rule.effect === 'deny'
}

function deniedBy({ name, denial }: CompiledRule): RuleVerdict {
  return { kind: 'denied', rule: name, denial }
}

/** Whether every server reads the same name or URI in the target. */
export function isJudgeable({ kind, name }: Target): boolean {
  if (kind === 'template') return isJudgeableTemplate(name)
  return kind === 'resource' ? isJudgeableUri(name) : isJudgeableName(name)
}

function namesResource(target: Target): boolean {
  return target.kind === 'resource' || target.kind === 'template'
}

/**
 * Returns the scopes that the method needs as a baseline: none for a method that is open without a token. It still
 * needs the scopes of rules (D-11).
 */
export function baselineOf(parts: PolicyParts, method: string): readonly string[] {
  return parts.anonymous.has(method) ? [] : parts.baseline
}

/** Picks the first grant in file order whose scopes the caller holds; otherwise the one that needs the fewest more. */
function judgeGrants(
  grants: readonly PolicyGrant[],
  baseline: readonly string[],
  granted: ReadonlySet<string>,
): RuleVerdict {
  if (holdsAll(granted, baseline)) {
    const held = grants.find(({ alternatives }) => alternatives.some((set) => holdsAll(granted, set)))
    if (held !== undefined) return { kind: 'allowed', rule: held.name, requireActive: held.requireActive }
  }
  const options = grants.flatMap(({ name, alternatives }) =>
    alternatives.map((wanted) => ({ rule: name, wanted, missing: missingOf(granted, baseline, wanted) })),
  )
  const cheapest = options.reduce((best, next) => (next.missing.length < best.missing.length ? next : best))
  return { kind: 'scopes_missing', ...cheapest }
}

function missingOf(
  granted: ReadonlySet<string>,
  baseline: readonly string[],
  wanted: readonly string[],
): readonly string[] {
  return [...new Set([...baseline, ...wanted])].filter((scope) => !granted.has(scope))
}
