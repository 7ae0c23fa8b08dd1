// The lists of MCP: which members of a result they are, and how their items are named. Decides nothing.
import type { TargetKind } from '../core/call.ts'

/** For each list of a result: what its items are, and which member names them. */
export const LISTS: ReadonlyMap<string, { readonly kind: TargetKind; readonly key: string }> = new Map([
  ['tools', { kind: 'tool', key: 'name' }],
  ['prompts', { kind: 'prompt', key: 'name' }],
  ['resources', { kind: 'resource', key: 'uri' }],
  ['resourceTemplates', { kind: 'template', key: 'uriTemplate' }],
])

/** Whether a member of this name is a list of things that a policy speaks of. */
export function isListName(name: string): boolean {
  return LISTS.has(name)
}
