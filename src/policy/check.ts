// What is wrong or doubtful in the policies of a file whose shape is already right. Paths point at the node to
// change; config renders them with file, line and column.
import { methodKind } from '../core/methods.ts'
import type { Finding, PolicySettings, RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { checkPairs } from './check-pairs.ts'
import { checkRule, checkScopes } from './check-rule.ts'
import { coversSelectors, reachOf } from './coverage.ts'
import { createRuleIndex, SELECTOR_KINDS, selectorsOf } from './selectors.ts'

type Path = Finding['path']

export function checkPolicies(settings: Settings): readonly Finding[] {
  return settings.routes.flatMap((route, index) => checkRoute(route, settings.scopesImply, ['routes', index]))
}

function checkRoute(route: RouteSettings, scopesImply: Settings['scopesImply'], path: Path): Finding[] {
  const { policy } = route
  const at = [...path, 'policy']
  const reaches = policy.rules.flatMap((rule, index) => reachOf(rule, index) ?? [])
  return [
    ...checkScopes({ all: route.scopes }, [...path, 'scopes']),
    ...checkDefault(policy, at),
    ...checkAnonymous(policy, at),
    ...checkMethods(policy, at),
    ...checkNames(policy.rules, at),
    ...policy.rules.flatMap((rule, index) => checkRule(rule, [...at, 'rules', index])),
    ...checkPairs({ reaches, baseline: route.scopes, scopesImply, path: [...at, 'rules'] }),
    ...checkToolRates(route, path),
  ]
}

const EVERYTHING = { tools: ['*'], prompts: ['*'], resources: ['**'], except: [] }

function checkDefault(policy: PolicySettings, path: Path): Finding[] {
  if (policy.default === 'deny') return []
  const unreachable = SELECTOR_KINDS.every((kind) => {
    const everything = selectorsOf(EVERYTHING, kind)
    return policy.rules.some((rule) => coversSelectors(selectorsOf(rule, kind), everything))
  })
  if (!unreachable) return []
  const message = 'never applies: rules speak of every tool, prompt and resource; remove it'
  return [{ severity: 'error', path: [...path, 'default'], message }]
}

function checkAnonymous(policy: PolicySettings, path: Path): Finding[] {
  return policy.anonymous.map((method, index): Finding => {
    const at = [...path, 'anonymous', index]
    const known = methodKind(method) !== 'unknown' || policy.methods.has(method)
    return known
      ? { severity: 'warning', path: at, message: `\`${method}\` is open without a token` }
      : {
          severity: 'error',
          path: at,
          message: `unknown method \`${method}\`; name it under \`methods\` first`,
        }
  })
}

function checkMethods(policy: PolicySettings, path: Path): Finding[] {
  return [...policy.methods].flatMap(([method, scopes]): Finding[] => {
    const at = [...path, 'methods', method]
    if (methodKind(method) === 'unknown') return checkScopes(scopes, at)
    const message = `\`${method}\` is a method of MCP, which rules and the baseline decide; remove it`
    return [{ severity: 'error', path: at, message }]
  })
}

function checkNames(rules: readonly RuleSettings[], path: Path): Finding[] {
  const seen = new Set<string>()
  return rules.flatMap(({ name }, index): Finding[] => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    const message = `another rule is called \`${name}\`; the audit could not tell them apart`
    return [{ severity: 'error', path: [...path, 'rules', index, 'name'], message }]
  })
}

function checkToolRates(route: RouteSettings, path: Path): Finding[] {
  if (route.policy.default === 'allow') return []
  const speakingOf = createRuleIndex(route.policy.rules)
  return [...route.limits.perTool.keys()].flatMap((name): Finding[] => {
    if (speakingOf({ kind: 'tool', name }).length > 0) return []
    const message = `no rule speaks of a tool \`${name}\`, so this limit never counts`
    return [{ severity: 'warning', path: [...path, 'limits', 'rate', 'per_tool', name], message }]
  })
}
