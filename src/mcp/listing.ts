// Cuts what a caller may not use out of the lists that an upstream sends; every other byte stays the same (SCP-02). A
// list is recognised by its members, since it may come on any stream and in any replay. It decides nothing: it asks the
// filter.
import type { TargetKind } from '../core/call.ts'
import {
  answersOf,
  type JsonRpcAnswer,
  MAX_STRICT_BYTES,
  mayContain,
  mayHoldResult,
  readAnswers,
  withoutMark,
} from './answer.ts'
import { hintInstead } from './caching.ts'
import { applyEdits, cutsOf, type Edit } from './cut-items.ts'
import { readEnvelopes } from './envelope-reader.ts'
import { LISTS, type List } from './list-members.ts'
import { listOf, SPAN, shapeOf, type Value } from './shape.ts'
import { jsonOf, type Source, textOf } from './source.ts'

export interface ListingFilter {
  /** Called with each item that a manifest may hold, and its JSON, before `shows` is asked about it. */
  readonly observe?: ((kind: TargetKind, name: string, json: string) => void) | undefined
  /** Whether this caller may see it: a tool, prompt or template by its name, a resource by its URI. */
  readonly shows: (kind: TargetKind, name: string) => boolean
  /** The life of the caller's token that is left, in milliseconds; Infinity without a token. */
  readonly maxTtlMs: number
}

/** The largest list. A list must be whole before anything can be cut out of it, and each name in it is judged. */
export const MAX_LIST_BYTES = 4 * 1024 * 1024
/** How many items one list may have: each is judged, and compared with the manifest. */
const MAX_LISTED = 10_000

const RESULT = shapeOf({
  ...Object.fromEntries(
    [...LISTS].map(([name, { key }]) => [name, listOf(shapeOf({ [key]: SPAN }), MAX_LISTED + 1)]),
  ),
  cacheScope: SPAN,
  ttlMs: SPAN,
})

const ENVELOPE = { jsonrpc: SPAN, id: SPAN, method: SPAN, result: RESULT, error: SPAN }
const SHAPE = answersOf(ENVELOPE)

const QUOTED_NAMES = [...LISTS.keys()].map((name) => `"${name}"`)

/** Whether a result in the document has a list. `text` holds the same bytes as latin1. */
export function holdsList(bytes: Buffer, text: string): boolean {
  const escaped = text.includes('\\u00') && mayContain(bytes, [])
  if (!escaped && !QUOTED_NAMES.some((name) => text.includes(name))) return false
  if (bytes.length > MAX_STRICT_BYTES) return readEnvelopes(bytes)?.some(({ listed }) => listed) ?? false
  const read = readAnswers(withoutMark(bytes), SHAPE)
  const results = read?.answers.map(({ result }) => result?.members) ?? []
  return results.some((members) => [...LISTS.keys()].some((name) => members?.get(name)?.kind === 'array'))
}

/**
 * Returns the document as this caller may see it: the same buffer when nothing was removed. Returns undefined when
 * clients could read it in different ways, since it must not pass then (L02, L06, L18).
 */
export function filterListing(bytes: Buffer, filter: ListingFilter): Buffer | undefined {
  const plain = withoutMark(bytes)
  if (!mayHoldResult(plain)) return plain
  const read = readAnswers(plain, SHAPE)
  if (read === undefined) return undefined
  const edits: Edit[] = []
  for (const answer of read.answers) {
    if (!isUnambiguous(answer) || (plain.length > MAX_LIST_BYTES && hasList(answer))) return undefined
    if (answer.result !== undefined) edits.push(...editsOf(read.source, answer.result, filter))
  }
  return edits.length === 0 ? plain : Buffer.from(applyEdits(read.source, edits), 'latin1')
}

/** L06: a message must not pass that one client takes for a request and another for a result. */
function isUnambiguous({ id, method, result, error, versioned }: JsonRpcAnswer): boolean {
  if (result === undefined) return true
  if (method || error !== undefined || result.kind !== 'object') return false
  const lists = [...LISTS.keys()]
    .map((name) => result.members?.get(name))
    .filter((list) => list !== undefined)
  if (lists.length === 0) return true
  // Some servers send null for an empty list; anything else that is no array could be a list to some client.
  const readable = lists.every((list) => list.kind === 'array' || list.kind === 'null')
  const short = lists.every(({ items }) => items === undefined || items.length <= MAX_LISTED)
  return lists.length === 1 && readable && short && versioned && id !== undefined
}

function hasList({ result }: JsonRpcAnswer): boolean {
  return [...LISTS.keys()].some((name) => result?.members?.has(name))
}

function editsOf(source: Source, result: Value, filter: ListingFilter): readonly Edit[] {
  const edits: Edit[] = []
  let listed = false
  for (const [name, each] of LISTS) {
    const list = result.members?.get(name)
    if (list?.items === undefined) continue
    listed = true
    edits.push(...cutsOf(list, (item) => isShown(source, item, each, filter)))
  }
  const scope = result.members?.get('cacheScope')
  // A task has a ttlMs too, so a ttlMs by itself is no cache hint.
  if (listed || scope !== undefined)
    edits.push(...cachingEdits(source, scope, result.members?.get('ttlMs'), filter))
  return edits
}

function isShown(source: Source, item: Value, { key, kind, isOther }: List, filter: ListingFilter): boolean {
  const name = textOf(source, item.members?.get(key))
  if (name === undefined) return false
  if (!isOther) filter.observe?.(kind, name, jsonOf(source, item))
  return filter.shows(kind, name)
}

function cachingEdits(
  source: Source,
  scope: Value | undefined,
  ttl: Value | undefined,
  filter: ListingFilter,
): readonly Edit[] {
  const edits: Edit[] = []
  if (scope !== undefined && textOf(source, scope) !== 'private') {
    const text = hintInstead('cacheScope', jsonOf(source, scope), filter.maxTtlMs)
    edits.push({ start: scope.start, end: scope.end, text })
  }
  if (ttl?.kind === 'number') {
    const text = hintInstead('ttlMs', jsonOf(source, ttl), filter.maxTtlMs)
    if (text !== jsonOf(source, ttl)) edits.push({ start: ttl.start, end: ttl.end, text })
  }
  return edits
}
