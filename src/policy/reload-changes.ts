// Records for the audit which policies are loaded, and what a reload changes for callers: each thing that is opened wider by
// its name, and the number of all changes. It runs beside the traffic, so it asks about a bounded number of the names that the edit concerns.
import type { RouteSettings, RuleSettings, Settings } from '../core/settings.ts'
import { contentDigest } from '../lib/content-digest.ts'
import { policyOptions } from './compile.ts'
import { diffSettings, type PolicyChange } from './diff.ts'
import { keptPolicyText } from './kept-policy.ts'

export interface PolicyRecord {
  readonly event: 'policy_changed' | 'policy_widened'
  readonly detail: string
  /** Digests of all policies; of the change as a whole. */
  readonly before?: string
  readonly after?: string
}

/** How many names and patterns are asked about in one reload; `portcullis diff` asks about all. */
const MAX_COMPARED = 50
const MAX_NAMED = 20

/** Returns the records; none when the edit changes no policy. */
export function policyChanges(before: Settings, after: Settings): readonly PolicyRecord[] {
  const edits = editsOf(before, after)
  if (edits.size === 0) return []
  const touched = touchedBy(edits)
  const only = (settings: Settings) => ({
    ...settings,
    routes: settings.routes.filter(({ name }) => edits.has(name)),
  })
  let left = MAX_COMPARED
  let skipped = 0
  const changes = diffSettings(only(before), only(after), ({ written }) => {
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
  const digests = { before: policiesDigest(before), after: policiesDigest(after) }
  return [{ event: 'policy_changed', detail: counts, ...digests }, ...named]
}

/**
 * SHA-256, in hexadecimal, of a line for each route: its name, and what `policy` is in its audit lines, before a manifest or
 * rules from elsewhere.
 */
export function policiesDigest(settings: Settings): string {
  const lines = settings.routes.map((route) => {
    const digest = contentDigest(keptPolicyText(policyOptions(settings, route)))
    return `${route.name} ${digest}\n`
  })
  return contentDigest(lines.join(''))
}

function tell({ route, about, who, scopes, before, after }: PolicyChange): string {
  const caller = who === '' ? '' : ` for ${who}`
  const held = scopes === undefined || scopes.length === 0 ? '' : ` with ${scopes.join(' + ')}`
  return `${route}: ${about}${caller}${held}: ${before} → ${after}`
}

/** The names that the changed rules are about; `all` where something changed that every name depends on. */
type Edit = ReadonlySet<string> | 'all'

/** Returns the edits by the name of the route, without routes that stayed the same. */
function editsOf(before: Settings, after: Settings): ReadonlyMap<string, Edit> {
  const [was, is] = [before, after].map(({ routes }) => new Map(routes.map((route) => [route.name, route])))
  const names = new Set([...before.routes, ...after.routes].map(({ name }) => name))
  const isWide = textOf(before.scopesImply) !== textOf(after.scopesImply)
  const edits = new Map<string, Edit>()
  for (const name of names) {
    const [old, fresh] = [was?.get(name), is?.get(name)]
    const isBoth = old !== undefined && fresh !== undefined
    const isEverywhere = isWide || (isBoth && wideOf(before, old) !== wideOf(after, fresh))
    const edit = isEverywhere ? 'all' : isBoth ? editOf(old, fresh) : new Set<string>()
    if (edit !== undefined) edits.set(name, edit)
  }
  return edits
}

function touchedBy(edits: ReadonlyMap<string, Edit>): Edit {
  const all = [...edits.values()]
  return all.includes('all') ? 'all' : new Set(all.flatMap((edit) => (edit === 'all' ? [] : [...edit])))
}

function editOf(old: RouteSettings, fresh: RouteSettings): ReadonlySet<string> | undefined {
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

/** The settings of a route that every decision depends on, as a text. */
function wideOf(settings: Settings, route: RouteSettings): string {
  const { issuers } = policyOptions(settings, route)
  const { rules: _rules, ...rest } = route.policy
  return textOf({ scopes: route.scopes, issuers, rest })
}

/** Returns equal texts for equal settings. Secrets print as a word, so a new secret is no new policy. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member instanceof Map || member instanceof Set ? [...member] : member,
  )
}
