// What the tools behind each scope do at worst, for the page where a person agrees to it: by the rules of the route, and
// by what the tools say of themselves. It warns and decides nothing; what is not here is not known to be harmless.
import type { ToolDanger } from '../core/branding.ts'
import type { ScopeExpression } from '../core/scopes.ts'
import { scopesNamed } from '../core/scopes.ts'
import type { PolicySettings, RouteSettings, RuleSettings } from '../core/settings.ts'
import { type JudgedTool, judgeTool } from '../manifest/tool-danger.ts'
import { createRuleIndex } from '../policy/selectors.ts'

const RANK: Readonly<Record<ToolDanger, number>> = { writing: 1, destructive: 2, sensitive: 3 }

/** Where a route has no scopes at all, what its tools do stands under the empty word. */
export const WITHOUT_SCOPE = ''

/** @param tools of the server; undefined: nobody could ask it, and the names in the rules have to do */
export function scopeDangers(
  { policy, scopes: baseline }: Pick<RouteSettings, 'policy' | 'scopes'>,
  tools: readonly JudgedTool[] | undefined,
): ReadonlyMap<string, ToolDanger> {
  const dangers = new Map<string, ToolDanger>()
  if (policy.remote !== undefined) return dangers // its rules are elsewhere
  const raise = (scope: string, danger: ToolDanger) => {
    const known = dangers.get(scope)
    if (known === undefined || RANK[known] < RANK[danger]) dangers.set(scope, danger)
  }
  const uses = usesOf(policy.rules)
  const needed = (rule: Pick<RuleSettings, 'scopes'> | undefined): readonly string[] => {
    if (rule?.scopes !== undefined) return answerable(rule.scopes, uses)
    return baseline.length > 0 ? baseline : [WITHOUT_SCOPE]
  }
  for (const [rule, danger] of tools === undefined ? namedInRules(policy) : ruled(policy, tools)) {
    for (const scope of needed(rule)) raise(scope, danger)
  }
  return dangers
}

type Ruled = readonly [rule: RuleSettings | undefined, danger: ToolDanger]

/** Each dangerous tool with each rule that opens it; without one where the policy opens what no rule speaks of. */
function ruled({ rules, default: otherwise }: PolicySettings, tools: readonly JudgedTool[]): Ruled[] {
  const rulesFor = createRuleIndex(rules)
  return tools.flatMap(({ name, danger }): Ruled[] => {
    if (danger === 'reading') return []
    const opening = rulesFor({ kind: 'tool', name }).filter(({ effect }) => effect !== 'deny')
    if (opening.length > 0) return opening.map((rule) => [rule, danger])
    return otherwise === 'allow' ? [[undefined, danger]] : []
  })
}

/** A word for reading or writing in a pattern says too little; one for deleting says enough. */
function namedInRules({ rules }: PolicySettings): Ruled[] {
  return rules.flatMap((rule): Ruled[] =>
    rule.effect === 'deny'
      ? []
      : rule.tools.flatMap((pattern): Ruled[] => {
          const { danger } = judgeTool({ name: pattern, definition: {} })
          return danger === 'destructive' || danger === 'sensitive' ? [[rule, danger]] : []
        }),
  )
}

/** How many rules name each scope. */
function usesOf(rules: readonly RuleSettings[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>()
  for (const { scopes } of rules)
    for (const scope of scopes === undefined ? [] : scopesNamed(scopes))
      uses.set(scope, (uses.get(scope) ?? 0) + 1)
  return uses
}

/** Of scopes that are needed together, the one that the fewest rules ask for is what opens this tool. */
function answerable(expression: ScopeExpression, uses: ReadonlyMap<string, number>): readonly string[] {
  if (typeof expression === 'string') return [expression]
  if ('any' in expression) return expression.any.flatMap((member) => answerable(member, uses))
  const all = expression.all.flatMap((member) => answerable(member, uses))
  const fewest = Math.min(...all.map((scope) => uses.get(scope) ?? 0))
  return all.filter((scope) => uses.get(scope) === fewest)
}
