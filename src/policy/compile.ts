// The policy of a route, made ready once at start-up. What is wrong with a policy is told by check.ts before;
// here a broken one is a bug and throws.
import type { Call, TargetKind } from '../core/call.ts'
import type { Principal } from '../core/principal.ts'
import type { Policy } from '../core/route.ts'
import { type ScopeExpression, scopesNamed } from '../core/scopes.ts'
import type { PolicySettings, RuleSettings } from '../core/settings.ts'
import { decideMessage, grantedTo } from './decide.ts'
import { type Explanation, explainCall } from './explain.ts'
import { type CompiledRule, judgeTarget, type PolicyParts } from './judge.ts'
import { type Alternatives, alternativesOf, createClosure } from './scope-sets.ts'
import { createRuleIndex } from './selectors.ts'

export interface PolicyOptions {
  readonly policy: PolicySettings
  /** Scopes needed for any use of the route. */
  readonly baseline: readonly string[]
  readonly scopesImply: ReadonlyMap<string, readonly string[]>
}

export interface CompiledPolicy extends Policy {
  /** The decision on one call, with what each rule said. */
  explain(principal: Principal | undefined, call: Call): Explanation
}

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
  const showsAll = policy.listing === 'all'
  return {
    decide: (principal, message) => decideMessage(parts, principal, message),
    explain: (principal, call) => explainCall(parts, principal, call),
    shows: (principal, kind, name) => {
      if (showsAll) return true
      const verdict = judgeTarget(parts, grantedTo(parts, principal), USED_BY[kind], { kind, name })
      // An anonymous caller sees what a step-up could unlock (D-11).
      const requestable = policy.listing === 'requestable' || principal === undefined
      return verdict.kind === 'allowed' || (requestable && verdict.kind === 'scopes_missing')
    },
    showsAll,
    anonymous: parts.anonymous,
  }
}

function compileParts({ policy, baseline, scopesImply }: PolicyOptions): PolicyParts {
  const rules = policy.rules.map((rule) => compileRule(rule, policy))
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
    speakingOf: createRuleIndex(rules),
    closed: createClosure(scopesImply),
  }
}

function compileRule(rule: RuleSettings, policy: PolicySettings): CompiledRule {
  return {
    ...rule,
    denial: rule.denial ?? policy.denial,
    alternatives: rule.scopes === undefined ? [[]] : compileScopes(rule.scopes),
  }
}

function compileScopes(expression: ScopeExpression): Alternatives {
  const alternatives = alternativesOf(expression)
  if (alternatives === undefined) throw new Error('scope expression with too many alternatives')
  return alternatives
}
