// What a reload changes for callers, as records for the audit: each thing that is wider by name, and how much there is
// in all. It runs beside the traffic, so it asks only about a bounded number of names that the edit touches.
import type { RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { diffSettings, type PolicyChange } from './diff.ts'

export interface PolicyRecord {
  readonly event: 'policy_changed' | 'policy_widened'
  readonly detail: string
}

/** Names and patterns that are asked about in one reload; `portcullis diff` asks about all. */
const MAX_COMPARED = 50
const MAX_NAMED = 20

/** Empty when the edit touches no policy. */
export function policyChanges(before: Settings, after: Settings): readonly PolicyRecord[] {
  const touched = touchedBy(before, after)
  if (touched === undefined) return []
  let left = MAX_COMPARED
  let skipped = 0
  const changes = diffSettings(before, after, ({ written }) => {
    if (touched !== 'all' && !touched.has(written)) return false
    left -= 1
    if (left < 0) skipped += 1
    return left >= 0
  })
  const wider = changes.filter(({ direction }) => direction === 'widens')
  const named = wider
    .slice(0, MAX_NAMED)
    .map((change) => ({ event: 'policy_widened', detail: tell(change) }) as const)
  const rest = skipped === 0 ? '' : `; ${skipped} more names were not compared, see portcullis diff`
  const counts = `${wider.length} wider, ${changes.length - wider.length} narrower${rest}`
  return [{ event: 'policy_changed', detail: counts }, ...named]
}

function tell({ route, about, who, scopes, before, after }: PolicyChange): string {
  const caller = who === '' ? '' : ` for ${who}`
  const held = scopes === undefined || scopes.length === 0 ? '' : ` with ${scopes.join(' + ')}`
  return `${route}: ${about}${caller}${held}: ${before} → ${after}`
}

/** What the rules that differ speak of; `all` where something differs that every name depends on. */
function touchedBy(before: Settings, after: Settings): ReadonlySet<string> | 'all' | undefined {
  const names = new Set([...before.routes, ...after.routes].map(({ name }) => name))
  const edits = [...names].map((name) => {
    const [old, fresh] = [before, after].map(({ routes }) => routes.find((route) => route.name === name))
    return old === undefined || fresh === undefined ? new Set<string>() : editOf(old, fresh)
  })
  const isWide = textOf(before.scopesImply) !== textOf(after.scopesImply) || edits.includes('all')
  if (isWide) return 'all'
  const isSame = before.routes.length === after.routes.length && edits.every((edit) => edit === undefined)
  return isSame ? undefined : new Set(edits.flatMap((edit) => (edit instanceof Set ? [...edit] : [])))
}

function editOf(old: RouteSettings, fresh: RouteSettings): ReadonlySet<string> | 'all' | undefined {
  if (textOf(wideOf(old)) !== textOf(wideOf(fresh))) return 'all'
  const known = (rules: readonly RuleSettings[]) => new Map(rules.map((rule) => [textOf(rule), rule]))
  const [was, is] = [known(old.policy.rules), known(fresh.policy.rules)]
  const edited = [...was, ...is].filter(([text]) => !was.has(text) || !is.has(text)).map(([, rule]) => rule)
  if (edited.length === 0) return undefined
  return new Set(
    edited.flatMap(({ tools, prompts, resources, except }) => [
      ...tools,
      ...prompts,
      ...resources,
      ...except,
    ]),
  )
}

/** The settings of a route that every decision depends on. */
function wideOf({ scopes, issuers, policy }: RouteSettings) {
  const { rules: _rules, ...rest } = policy
  return { scopes, issuers, rest }
}

/** Equal for equal settings. Secrets print as a word, so that a new secret is no new policy. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member instanceof Map || member instanceof Set ? [...member] : member,
  )
}
