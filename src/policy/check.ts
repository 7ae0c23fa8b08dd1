// Finds what is wrong or doubtful in the policies of a file whose shape is right. Paths point at the node to change;
// config/ renders them with file, line and column, and itself checks names, shapes and exposure.
import { methodKind } from '../core/methods.ts'
import type { Finding, PolicySettings, RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { checkPairs } from './check-pairs.ts'
import { checkRule, checkScopes } from './check-rule.ts'
import { coversSelectors, reachOf } from './coverage.ts'
import { createRuleIndex, SELECTOR_KINDS, selectorsOf } from './selectors.ts'

type Path = Finding['path']

export function checkPolicies(settings: Settings): readonly Finding[] {
  return settings.routes.flatMap((route, index) => checkRoute(route, settings, ['routes', index]))
}

function checkRoute(route: RouteSettings, { scopesImply, issuers }: Settings, path: Path): Finding[] {
  const { policy } = route
  const at = [...path, 'policy']
  const reaches = policy.rules.flatMap((rule, index) => reachOf(rule, index) ?? [])
  return [
    ...checkDefault(policy, at),
    ...checkAnonymous(policy, at),
    ...checkMethods(policy, at),
    ...policy.rules.flatMap((rule, index) => checkRule(rule, [...at, 'rules', index])),
    ...checkPairs({ reaches, baseline: route.scopes, scopesImply, path: [...at, 'rules'] }),
    ...checkRoles(route, issuers, [...at, 'rules']),
    ...checkToolRates(route, path),
  ]
}

const EVERYTHING = { tools: ['*'], prompts: ['*'], resources: ['**'], except: [] }

function checkDefault(policy: PolicySettings, path: Path): Finding[] {
  if (policy.default === 'deny') return []
  const unreachable = SELECTOR_KINDS.every((kind) => {
    const everything = selectorsOf(EVERYTHING, kind)
    return policy.rules.some(
      (rule) => settlesDefault(rule) && coversSelectors(selectorsOf(rule, kind), everything),
    )
  })
  if (!unreachable) return []
  const message = 'never applies: rules speak of every tool, prompt and resource; remove it'
  return [{ severity: 'error', path: [...path, 'default'], message }]
}

/**
 * Whether the rule decides every call that it is about, so that the default decides none of them. After an allow or
 * approve rule that fails the default does not apply; a deny rule must be certain to deny.
 */
function settlesDefault({ effect, who, when, mode }: RuleSettings): boolean {
  if (mode === 'observe') return false
  return effect !== 'deny' || (who === undefined && when === undefined)
}

/** Checks methods that are open without a token. The check of exposure warns that there are any. */
function checkAnonymous(policy: PolicySettings, path: Path): Finding[] {
  return policy.anonymous.flatMap((method, index): Finding[] => {
    if (methodKind(method) !== 'unknown' || policy.methods.has(method)) return []
    const message = `unknown method \`${method}\`; name it under \`methods\` first`
    return [{ severity: 'error', path: [...path, 'anonymous', index], message }]
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

/** Without `claims.roles` no token of the route has roles, so no `who` with roles can be decided. */
function checkRoles(
  { issuers: names, policy }: RouteSettings,
  issuers: Settings['issuers'],
  path: Path,
): Finding[] {
  if (names.length === 0 || names.some((name) => issuers.get(name)?.claims.roles.length !== 0)) return []
  return policy.rules.flatMap(({ who, effect }, index): Finding[] => {
    if (who?.roles === undefined) return []
    const result = effect === 'allow' ? 'opens nothing' : 'denies everybody'
    const message = `no issuer of this route says which claim holds roles, so this rule ${result}; set \`claims.roles\` of the issuer`
    return [{ severity: 'warning', path: [...path, index, 'who', 'roles'], message }]
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
