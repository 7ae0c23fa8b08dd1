// Compiles the policy of a route, once at start-up. check.ts has reported every problem before, so a broken policy here
// is a bug and throws.
import type { Call, Target, TargetKind } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Circumstances, Policy, PolicyInForce } from '../core/route.ts'
import { type ScopeExpression, scopesNamed } from '../core/scopes.ts'
import type { PolicySettings, RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { contentDigest } from '../lib/content-digest.ts'
import { compileCondition } from './condition/compile.ts'
import { UNKNOWN } from './condition/outcome.ts'
import { VOCABULARY } from './condition/vocabulary.ts'
import { decideMessage, evaluationContextOf } from './decide.ts'
import { listUse } from './evaluation.ts'
import { type Explanation, explainCall } from './explain.ts'
import {
  type CompiledRule,
  evaluateRules,
  judgeTarget,
  type PolicyParts,
  type RuleVerdict,
} from './judgement.ts'
import { keptPolicyText, type PolicyOptions } from './kept-policy.ts'
import { tellApprovers } from './matrix.ts'
import { type Alternatives, alternativesOf, createClosure } from './scope-sets.ts'
import { createRuleIndex } from './selectors.ts'
import { certainly, compileWho } from './who.ts'

export interface Outlook {
  readonly verdict: RuleVerdict
  readonly conditions: readonly string[]
  /** In words, of each rule that asks for approval. */
  readonly approvers: readonly string[]
}

export interface CompiledPolicy extends Policy {
  inForce(): PolicyInForce
  /** Returns the decision on one call, with what each rule said. */
  explain(principal: Principal | undefined, call: Call, circumstances: Circumstances): Explanation
  /** The text that the policy can be judged by again (kept-policy.ts); `inForce` has its digest. */
  keptText(): string
  /** Whom the rule is about, and when it holds for this target; equal texts say the same. Undefined for always. */
  termsOf(rule: string, target: string): string | undefined
  /**
   * Returns what this caller may do with a target, given some arguments, and the conditions that this then depends on.
   */
  outlook(principal: Principal | undefined, target: Target, circumstances: Circumstances): Outlook
}

/** Collects what the policy of a route is compiled from. */
export function policyOptions(settings: PolicyContext, route: PolicyRoute): PolicyOptions {
  return {
    policy: route.policy,
    baseline: route.scopes,
    scopesImply: settings.scopesImply,
    issuers: new Map(
      route.issuers.flatMap((name) => {
        const issuer = settings.issuers.get(name)
        return issuer === undefined ? [] : [[name, issuer.issuer] as const]
      }),
    ),
  }
}

type PolicyContext = Pick<Settings, 'issuers' | 'scopesImply'>
type PolicyRoute = Pick<RouteSettings, 'policy' | 'scopes' | 'issuers'>

/** The method by which a listed primitive would be used. */
const USED_BY: Readonly<Record<TargetKind, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  template: 'resources/read',
}

export function compilePolicy(options: PolicyOptions): CompiledPolicy {
  const { policy } = options
  const parts = compileParts(options)
  const rolesNamed = rolesNamedBy(parts.rules, policy.rules)
  const keptText = () => keptPolicyText(options)
  let made: PolicyInForce | undefined
  const showsAll = policy.listing === 'all' || policy.mode === 'observe'
  const possible = (principal: Principal | undefined, target: Target, circumstances: Circumstances) =>
    judgeTarget(
      parts,
      evaluationContextOf(parts, principal, circumstances),
      listUse(USED_BY[target.kind], target.kind),
      target,
    )
  return {
    decide: (principal, message, circumstances) => decideMessage(parts, principal, message, circumstances),
    explain: (principal, call, circumstances) => explainCall(parts, principal, call, circumstances),
    outlook: (principal, target, circumstances) => {
      const use = listUse(USED_BY[target.kind], target.kind)
      const evaluations = evaluateRules(
        parts,
        evaluationContextOf(parts, principal, circumstances),
        use,
        target,
      )
      const open = evaluations.filter(({ rule, says }) => says === UNKNOWN && !rule.observed)
      const conditions = open.map(({ rule }) => `${rule.effect} when ${rule.condition?.text}`)
      const verdict = possible(principal, target, circumstances)
      const asked = new Set(verdict.kind === 'approval' ? verdict.rules : [])
      const approvers = parts.rules
        .filter(({ name }) => asked.has(name))
        .map((rule) => tellApprovers(rule.approvers))
      return { verdict, conditions, approvers }
    },
    shows: (principal, kind, name, circumstances) => {
      if (showsAll) return true
      const verdict = possible(principal, { kind, name }, circumstances)
      // An anonymous caller sees what a step-up could unlock (D-11).
      const requestable = policy.listing === 'requestable' || principal === undefined
      const isOpen = verdict.kind === 'allowed' || verdict.kind === 'approval'
      return isOpen || (requestable && verdict.kind === 'scopes_missing')
    },
    showsAll,
    anonymous: parts.anonymous,
    keptText,
    termsOf(name, target) {
      const { who, when } = policy.rules.find((rule) => rule.name === name) ?? {}
      if (who === undefined && when === undefined) return undefined
      const about = when === undefined ? undefined : options.annotations?.get(target)
      return JSON.stringify([who, when, about, [...options.issuers], [...options.scopesImply]])
    },
    inForce() {
      made ??= { digest: contentDigest(keptText()), rolesNamed }
      return made
    },
  }
}

function rolesNamedBy(
  compiled: readonly CompiledRule[],
  rules: readonly RuleSettings[],
): ReadonlySet<string> {
  const asked = compiled.flatMap(({ condition }) => condition?.reads.roles ?? [])
  return new Set([...asked, ...rules.flatMap(({ who }) => who?.roles ?? [])])
}

function compileParts(options: PolicyOptions): PolicyParts {
  const { policy, baseline, scopesImply, issuers } = options
  const rules = policy.rules.map((rule) => compileRule(rule, policy, issuers))
  const methods = [...policy.methods].map(
    ([method, scopes]) =>
      [
        method,
        { name: `methods.${method}`, requireActive: false, alternatives: compileScopes(scopes) },
      ] as const,
  )
  const expressions = [...policy.rules.flatMap((rule) => rule.scopes ?? []), ...policy.methods.values()]
  return {
    rules,
    baseline,
    fallback: policy.default,
    denial: policy.denial,
    anonymous: new Set(policy.anonymous),
    methods: new Map(methods),
    scopesNamed: new Set([...baseline, ...expressions.flatMap(scopesNamed)]),
    observed: observedIn(policy),
    speakingOf: createRuleIndex(rules),
    closed: createClosure(scopesImply),
    recordsAnswers: rules.some(({ unrecorded }) => unrecorded),
    annotationsOf: (tool) => options.annotations?.get(tool),
  }
}

function observedIn(policy: PolicySettings): PolicyParts['observed'] {
  if (policy.mode === 'observe') return 'policy'
  return policy.rules.some(({ mode }) => mode === 'observe') ? 'rules' : 'nothing'
}

function compileRule(
  rule: RuleSettings,
  policy: PolicySettings,
  issuers: ReadonlyMap<string, string>,
): CompiledRule {
  const matchesCaller = rule.who && compileWho(rule.who, issuers)
  const condition = rule.when === undefined ? undefined : compileCondition(rule.when, VOCABULARY)
  return {
    ...rule,
    denial: rule.denial ?? policy.denial,
    observed: rule.mode === 'observe',
    matchesCaller: matchesCaller && rule.effect === 'allow' ? certainly(matchesCaller) : matchesCaller,
    condition,
    unrecorded: rule.who?.groups !== undefined || condition?.reads.unrecorded === true,
    alternatives: rule.scopes === undefined ? [[]] : compileScopes(rule.scopes),
  }
}

function compileScopes(expression: ScopeExpression): Alternatives {
  const alternatives = alternativesOf(expression)
  if (alternatives === undefined) throw new Error('scope expression with too many alternatives')
  return alternatives
}
