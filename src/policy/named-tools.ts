// The tools that a configuration names: by a rule, a limit or the manifest. Patterns name none.
import type { PolicySettings } from '../core/settings.ts'

/** How many tools of one route may have labels of their own in the metrics. */
const MAX_NAMED_TOOLS = 1_000

/** Tools of rules come first: a name that an operator wrote counts for more than one that a server lists. */
export function namedTools(
  { rules }: Pick<PolicySettings, 'rules'>,
  limited: Iterable<string>,
  pinned: readonly string[],
): readonly string[] {
  const ruled = rules.flatMap(({ tools }) => tools.filter((name) => !name.includes('*')))
  return [...new Set([...ruled, ...limited, ...pinned])].slice(0, MAX_NAMED_TOOLS)
}
