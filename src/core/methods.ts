// What each JSON-RPC method of MCP is to an authorization decision (docs/decisions.md, 7). One table for the policy and
// the message reader. It knows revisions only as far as a method would otherwise be read by the rules of another one;
// else the upstream answers whether a method exists.
import type { Era } from './refusal.ts'

/**
 * `protocol`: listing and protocol methods (initialize, ping, …); the baseline is enough. `targeted`: judged by every target it names, and by the baseline alone
 * when it names none (`subscriptions/listen` for list changes). `task`: judged by who created the task and
 * with what. `unknown`: open only where `policy.methods` names it, as `tasks/list` always is.
 */
export type MethodKind = 'protocol' | 'targeted' | 'task' | 'unknown'

const KINDS: ReadonlyMap<string, MethodKind> = new Map<string, MethodKind>([
  ['initialize', 'protocol'],
  ['ping', 'protocol'],
  ['server/discover', 'protocol'],
  ['logging/setLevel', 'protocol'],
  ['tools/list', 'protocol'],
  ['prompts/list', 'protocol'],
  ['resources/list', 'protocol'],
  ['resources/templates/list', 'protocol'],
  ['skills/list', 'protocol'],
  ['tools/call', 'targeted'],
  ['prompts/get', 'targeted'],
  ['resources/read', 'targeted'],
  ['resources/subscribe', 'targeted'],
  ['resources/unsubscribe', 'targeted'],
  ['skills/get', 'targeted'], // SEP-2640: a skill is named by the URI of its file
  ['resources/directory/read', 'targeted'],
  ['subscriptions/listen', 'targeted'],
  ['completion/complete', 'targeted'],
  ['tasks/get', 'task'],
  ['tasks/update', 'task'],
  ['tasks/cancel', 'task'],
  ['tasks/result', 'task'],
])

/** Exact and case-sensitive: `TOOLS/CALL` and `tools/call ` are unknown methods (M12). */
export function methodKind(method: string): MethodKind {
  const kind = KINDS.get(method)
  if (kind !== undefined) return kind
  return method.startsWith('notifications/') ? 'protocol' : 'unknown'
}

/** Whether the answer is a list that a policy may have to filter. */
export function isListMethod(method: string): boolean {
  return LISTS.has(method) || method === 'resources/directory/read'
}

/** Whether a request of this method only reads, so that it may reach its server twice (MCP 2025-11-25 and 2026-07-28). */
export function isRepeatable(method: string): boolean {
  return LISTS.has(method) || method === 'ping' || method === 'server/discover'
}

/** Whether a client may keep the answer and show it again (SEP-2549): the `CacheableResult`s of 2026-07-28, and of SEP-2640. */
export function isCacheable(method: string): boolean {
  return LISTS.has(method) || CACHEABLE.has(method)
}

/** Whether the revision family has the method at all; what 2026-07-28 removed is unknown there (T26-08, XTS-01). */
export function isRemoved(method: string, era: Era): boolean {
  return era === 'modern' && REMOVED.has(method)
}

const REMOVED: ReadonlySet<string> = new Set([
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/result',
  'tasks/list',
])

const CACHEABLE: ReadonlySet<string> = new Set([
  'resources/read',
  'server/discover',
  'skills/get',
  'resources/directory/read',
])

const LISTS: ReadonlySet<string> = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'skills/list',
])
