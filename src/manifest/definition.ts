// What of a listed item a person approves, and its digest: the name, the words that a model reads, the schemas and
// the annotations. Icons, `_meta` and times of change are left out, since they vary without changing what it does.
import { createHash } from 'node:crypto'
import type { TargetKind } from '../core/call.ts'
import type { Item, Pinned } from '../core/manifest.ts'
import { hasMembers } from '../lib/json.ts'

/** Nesting of objects and arrays; the reader of messages has the same limit (M31). */
const MAX_DEPTH = 64

/** MCP server/tools, server/prompts, server/resources: the member that names an item, and what defines it. */
const SHAPES: { readonly [K in TargetKind]: { readonly key: string; readonly members: readonly string[] } } =
  {
    tool: { key: 'name', members: ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] },
    prompt: { key: 'name', members: ['title', 'description', 'arguments'] },
    resource: { key: 'uri', members: ['name', 'title', 'description', 'mimeType', 'annotations'] },
    template: { key: 'uriTemplate', members: ['name', 'title', 'description', 'mimeType', 'annotations'] },
  }

/** Undefined when it has no name, or is nested too deeply to be compared. */
export function pinOf(kind: TargetKind, item: Item): Pinned | undefined {
  const { key, members } = SHAPES[kind]
  const name = item[key]
  if (typeof name !== 'string') return undefined
  const kept = members.filter((member) => Object.hasOwn(item, member))
  const definition = Object.fromEntries(kept.map((member) => [member, withoutTimes(kind, item[member])]))
  const digest = digestOf(kind, name, definition)
  return digest === undefined ? undefined : { name, digest, definition }
}

/** `sha256:…` over the canonical JSON of kind, name and definition. */
export function digestOf(kind: TargetKind, name: string, definition: Item): string | undefined {
  const text = canonicalJson([kind, name, definition])
  return text === undefined ? undefined : sha256(text)
}

export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** Names of members in code unit order, no spaces (after RFC 8785 §3.2). Undefined when nested too deeply. */
export function canonicalJson(value: unknown): string | undefined {
  return isShallow(value, MAX_DEPTH) ? JSON.stringify(sorted(value)) : undefined
}

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return left > 0 && Object.values(value).every((member) => isShallow(member, left - 1))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = Object.create(null)
  // An object made anew keeps this order, but for names that look like array indexes, which come first everywhere.
  for (const name of Object.keys(value).sort()) copy[name] = sorted((value as Item)[name])
  return copy
}

/** A resource tells when it was changed last; that is not a change of what it is. */
function withoutTimes(kind: TargetKind, value: unknown): unknown {
  if (kind === 'tool' || !hasMembers(value) || !Object.hasOwn(value, 'lastModified')) return value
  const { lastModified: _, ...rest } = value
  return rest
}
