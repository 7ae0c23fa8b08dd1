// The lists of MCP: the members of a result that hold them, and the members that name their items. It decides nothing.
import type { TargetKind } from '../core/call.ts'

export interface List {
  readonly kind: TargetKind
  readonly key: string
  /** Set when its items are not definitions that a manifest holds. */
  readonly isOther?: boolean
}

/** For each list of a result: the kind of its items, and the member that names them. */
export const LISTS: ReadonlyMap<string, List> = new Map<string, List>([
  ['tools', { kind: 'tool', key: 'name' }],
  ['prompts', { kind: 'prompt', key: 'name' }],
  ['resources', { kind: 'resource', key: 'uri' }],
  ['resourceTemplates', { kind: 'template', key: 'uriTemplate' }],
  ['skills', { kind: 'resource', key: 'uri', isOther: true }], // SEP-2640
])

/** Whether a member of this name is a list of things that a policy speaks of. */
export function isListName(name: string): boolean {
  return LISTS.has(name)
}
