// The rules of a route held against what its upstream lists (D7): the items that a rule speaks of, those that no rule
// does, and the patterns that match nothing there.
import { KIND_OF, LISTINGS, type Manifest } from '../../core/manifest.ts'
import type { RouteSettings } from '../../core/settings.ts'
import type { ToolPage } from '../../manifest/tool-page.ts'
import { createRuleIndex, SELECTOR_KINDS, selectorsOf } from '../../policy/selectors.ts'
import { type ClosedPage, findClosedPages } from './page-access.ts'

export interface Coverage {
  readonly route: string
  readonly total: number
  readonly mapped: number
  /** `tool add_note`: no rule speaks of it, so the default of the policy decides. */
  readonly unmapped: readonly string[]
  /** Tools that are open to somebody to whom their page is not: absent when there are none. */
  readonly closedPages?: readonly ClosedPage[]
  /** Patterns that match nothing the upstream lists. */
  readonly stale: readonly { readonly rule: string; readonly pattern: string }[]
}

interface CoverageOptions {
  readonly pages: readonly ToolPage[]
  readonly scopesImply: ReadonlyMap<string, readonly string[]>
}

const NO_PAGES: CoverageOptions = { pages: [], scopesImply: new Map() }

export function coverageOf(
  route: RouteSettings,
  live: Manifest,
  { pages, scopesImply }: CoverageOptions = NO_PAGES,
): Coverage {
  const { name, policy } = route
  const closedPages = findClosedPages(route, pages, scopesImply)
  const speakingOf = createRuleIndex(policy.rules)
  const targets = LISTINGS.flatMap((listing) =>
    live[listing].map((pin) => ({ kind: KIND_OF[listing], name: pin.name })),
  )
  const unmapped = targets.filter((target) => speakingOf(target).length === 0)
  const names = {
    tool: live.tools.map((pin) => pin.name),
    prompt: live.prompts.map((pin) => pin.name),
    resource: [...live.resources.map((pin) => pin.name), ...pages.map(({ uri }) => uri)],
  }
  const stale = policy.rules.flatMap((rule) =>
    SELECTOR_KINDS.flatMap((kind) => {
      // The resources of a template are not listed, so next to one no resource pattern can be called stale.
      if (kind === 'resource' && live.templates.length > 0) return []
      return selectorsOf(rule, kind)
        .patterns.filter((pattern) => !names[kind].some((each) => pattern.matches(each)))
        .map(({ text }) => ({ rule: rule.name, pattern: text }))
    }),
  )
  return {
    ...(closedPages.length > 0 && { closedPages }),
    route: name,
    total: targets.length,
    mapped: targets.length - unmapped.length,
    unmapped: unmapped.map((target) => `${target.kind} ${target.name}`),
    stale,
  }
}
