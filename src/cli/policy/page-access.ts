// Whether those who may call a tool may read the page that it shows (MCP Apps): the rules of both held against each other,
// for the same caller. In doubt nothing is said: what is found is there, but some of it is not found.
import type { RouteSettings, RuleSettings } from '../../core/settings.ts'
import type { ToolPage } from '../../manifest/tool-page.ts'
import { coversTerms, type RuleReach, reachOf } from '../../policy/coverage.ts'
import { createClosure } from '../../policy/scope-sets.ts'
import { createRuleIndex } from '../../policy/selectors.ts'

/** A tool that its callers may call, or some of them, without reading its page. */
export interface ClosedPage extends ToolPage {
  /** The rule that opens the tool, or `default`. */
  readonly rule: string
  /** Scopes that the page needs beside those of the tool; absent where none would help. */
  readonly missing?: readonly string[]
  /** The rule that closes the page to some who may call the tool, by its `who` or `when`. */
  readonly closedBy?: string
}

/** What rules say of one thing: nothing is open where `grants` is empty. */
interface Access {
  readonly grants: readonly RuleReach[]
  readonly denies: readonly RuleReach[]
}

type Closure = ReturnType<typeof createClosure>

export function findClosedPages(
  { policy, scopes }: Pick<RouteSettings, 'policy' | 'scopes'>,
  pages: readonly ToolPage[],
  scopesImply: ReadonlyMap<string, readonly string[]>,
): readonly ClosedPage[] {
  const speakingOf = createRuleIndex(policy.rules)
  const accessTo = (kind: 'tool' | 'resource', name: string) =>
    accessOf(speakingOf({ kind, name }), policy.default)
  const closed = createClosure(scopesImply)
  return pages.flatMap((page): ClosedPage[] => {
    const tool = accessTo('tool', page.tool)
    const read = accessTo('resource', page.uri)
    return tool.grants.flatMap((grant) => gapOf(page, { grant, tool, read, closed, scopes }) ?? [])
  })
}

function accessOf(speaking: readonly RuleSettings[], fallback: 'allow' | 'deny'): Access {
  const reaches = speaking.flatMap((rule, index) => reachOf(rule, index) ?? [])
  const denies = reaches.filter(({ rule }) => rule.effect === 'deny' && rule.mode === 'enforce')
  if (denies.some(({ rule }) => rule.who === undefined && rule.when === undefined))
    return { grants: [], denies }
  const allows = reaches.filter(({ rule }) => rule.effect !== 'deny')
  const isDefault = fallback === 'allow' && !speaking.some(({ effect }) => effect !== 'deny')
  return { grants: isDefault ? [DEFAULT] : allows, denies }
}

const DEFAULT: RuleReach = {
  rule: { name: 'default', effect: 'allow', who: undefined, when: undefined } as RuleSettings,
  index: -1,
  selectors: [],
  alternatives: [[]],
}

interface Compared {
  /** One of those of the tool. */
  readonly grant: RuleReach
  readonly tool: Access
  /** Who may read the page. */
  readonly read: Access
  readonly closed: Closure
  readonly scopes: readonly string[]
}

function gapOf({ tool, uri }: ToolPage, compared: Compared): ClosedPage | undefined {
  const { grant, read } = compared
  const gap = { tool, uri, rule: grant.rule.name }
  const [first] = read.grants
  if (first === undefined) return gap
  const denying = deniedToSome(compared)
  if (denying !== undefined) return { ...gap, closedBy: denying.rule.name }
  const reading = read.grants.filter((candidate) => coversTerms(candidate, grant))
  if (reading.length === 0) return { ...gap, closedBy: first.rule.name }
  const missing = missingScopes(reading, compared)
  return missing.length === 0 ? undefined : { ...gap, missing }
}

/** A deny rule of the page that speaks of callers of the tool, and that the tool does not have. */
function deniedToSome({ grant, tool, read }: Compared): RuleReach | undefined {
  const isAnybody = grant.rule.who === undefined && grant.rule.when === undefined
  return read.denies.find(
    (deny) =>
      (isAnybody || coversTerms(deny, grant)) && !tool.denies.some((other) => coversTerms(other, deny)),
  )
}

/** The fewest that one of the alternatives of the tool leaves to be asked for. */
function missingScopes(
  reading: readonly RuleReach[],
  { grant, closed, scopes }: Compared,
): readonly string[] {
  const needed = reading.flatMap(({ alternatives }) => alternatives)
  const gaps = grant.alternatives.map((held) => {
    const granted = closed(new Set([...scopes, ...held]))
    return fewest(needed.map((set) => set.filter((scope) => !granted.has(scope))))
  })
  return gaps.find((missing) => missing.length > 0) ?? []
}

function fewest(sets: readonly (readonly string[])[]): readonly string[] {
  return sets.reduce((best, next) => (next.length < best.length ? next : best))
}
