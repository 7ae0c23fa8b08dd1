// YAML document → plain values, with secrets read and wrapped, and a way back from a path to its place in the text.
// Own properties on null prototypes only (Y09). It knows YAML and nothing about what the keys mean.
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import { Secret } from '../core/secret.ts'
import { isPostgresUrl } from '../lib/postgres-url.ts'
import { aliasTarget } from './aliases.ts'
import { expand, isHidden, type Sources } from './expand.ts'
import { expansionSiteOf, type Path } from './expansion-sites.ts'
import type { Range } from './problem.ts'

export interface Note {
  readonly range: Range
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface Values {
  readonly root: unknown
  readonly notes: readonly Note[]
  /** Files that were read for a value: a change in one of them is a change of the configuration. */
  readonly files: readonly string[]
}

/** A value that was refused when it was read; the schema says nothing more about it. */
export const UNREADABLE = Symbol('unreadable')

/** Y01, Y10: how much one file may hold; aliases count each time they are used. */
const MAX_NODES = 1_000_000
const MAX_DEPTH = 32

export function readValues(document: Document.Parsed, sources: Sources): Values {
  const reader = new Reader(document, sources)
  const root = reader.read(document.contents, [], 0)
  return { root, notes: reader.notes, files: [...reader.files] }
}

class Reader {
  readonly notes: Note[] = []
  readonly files = new Set<string>()
  readonly #document: Document.Parsed
  readonly #sources: Sources
  #nodes = 0
  readonly #excesses = new Set<string>()

  constructor(document: Document.Parsed, sources: Sources) {
    this.#document = document
    this.#sources = sources
  }

  read(node: Node | null | undefined, path: Path, depth: number): unknown {
    if (node === null || node === undefined) return null
    this.#nodes++
    if (this.#nodes > MAX_NODES) return this.#tooMuch(node, `more than ${MAX_NODES} values`)
    if (depth > MAX_DEPTH) return this.#tooMuch(node, `nested more than ${MAX_DEPTH} deep`)
    if (isAlias(node)) return this.#alias(node, path, depth)
    if (hasTag(node)) {
      // Y08: `!!js/function`, `!env`, `!include`
      return this.#error(node, 'YAML tags are not allowed; write the value plainly')
    }
    if (isMap(node)) return this.#map(node.items, path, depth)
    if (isSeq(node))
      return node.items.map((item, index) => this.read(item as Node, [...path, index], depth + 1))
    return isScalar(node) ? this.#scalar(node, path) : null
  }

  #alias(node: Node, path: Path, depth: number): unknown {
    const target = isAlias(node) ? aliasTarget(this.#document, node) : undefined
    if (target === undefined)
      return this.#error(
        node,
        'this alias names no anchor above it; a pattern that begins with * stands in quotes',
      )
    return this.read(target, path, depth + 1)
  }

  #map(pairs: readonly Pair[], path: Path, depth: number): unknown {
    const map: Record<string, unknown> = Object.create(null)
    for (const pair of pairs) {
      const key = this.#key(pair.key as Node)
      if (key === undefined || Object.hasOwn(map, key)) continue
      map[key] = this.read(pair.value as Node | null, [...path, key], depth + 1)
    }
    return map
  }

  #key(node: Node): string | undefined {
    const fault = keyFault(node)
    if (fault !== undefined) {
      this.#error(node, fault)
      return undefined
    }
    const text = isScalar(node) ? String(node.value) : ''
    const expanded = expand(text, 'plain', this.#sources)
    if (expanded.ok) return expanded.value
    this.#error(node, expanded.message)
    return undefined
  }

  #scalar(node: Node, path: Path): unknown {
    const value: unknown = isScalar(node) ? node.value : undefined
    if (typeof value !== 'string') return value
    const site = expansionSiteOf(path)
    const expanded = expand(value, site, this.#sources)
    if (expanded.file !== undefined) this.files.add(expanded.file)
    if (!expanded.ok) return this.#error(node, expanded.message)
    if (site === 'secret' && expanded.value === '') return this.#error(node, 'a secret may not be empty')
    const holdsSecret = site === 'secret' || (site === 'place' && hasPassword(expanded.value))
    if (holdsSecret && expanded.literal) {
      // Y13
      const message = 'a secret stands in the file itself; write ${VAR} or file:/run/secrets/name instead'
      this.notes.push({ range: rangeOf(node), severity: 'warning', message })
    }
    return isHidden(site) ? new Secret(expanded.value) : expanded.value
  }

  #error(node: Node, message: string): typeof UNREADABLE {
    this.notes.push({ range: rangeOf(node), severity: 'error', message })
    return UNREADABLE
  }

  #tooMuch(node: Node, what: string): typeof UNREADABLE {
    if (this.#excesses.has(what)) return UNREADABLE
    this.#excesses.add(what)
    return this.#error(node, `${what}; is an alias used in a loop?`)
  }
}

function hasPassword(place: string): boolean {
  return isPostgresUrl(place) && URL.canParse(place) && new URL(place).password !== ''
}

/** Y03, Y04, Y09: keys are text that cannot be taken for anything else. */
function keyFault(node: Node): string | undefined {
  if (!isScalar(node) || typeof node.value !== 'string') return 'a key must be text; put it in quotes'
  if (hasTag(node)) return 'YAML tags are not allowed; write the key plainly'
  if (node.value === '') return 'a key may not be empty'
  if (node.value === '<<') return 'merge keys (<<) are not supported; repeat the keys'
  if (node.value === '__proto__') return 'the key "__proto__" is not allowed'
  return undefined
}

function hasTag(node: Node): boolean {
  return 'tag' in node && node.tag !== undefined
}

function rangeOf(node: Node): Range {
  const [start, end] = node.range ?? [0, 0]
  return { start, end }
}

/** What a path means to underline: a scalar itself, else the key that leads to it, else its first line. */
export function rangeAt(document: Document.Parsed, path: Path, what: 'key' | 'value'): Range {
  let node: Node | null = document.contents
  let range: Range = { start: 0, end: 1 }
  for (const [index, step] of path.entries()) {
    const found = stepInto(isAlias(node) ? aliasTarget(document, node) : node, step)
    if (found === undefined) return range
    const last = index === path.length - 1
    range = rangeOf(isScalar(found.value) && !(last && what === 'key') ? found.value : found.named)
    node = found.value
  }
  return range
}

/** `named` is the key of a map's entry; a list's item names itself. */
function stepInto(
  held: Node | null | undefined,
  step: string | number,
): { readonly named: Node; readonly value: Node | null } | undefined {
  if (isSeq(held) && typeof step === 'number') {
    const item = held.items[step] as Node | undefined
    return item && { named: item, value: item }
  }
  if (!isMap(held)) return undefined
  const pair = pairsOf(held).get(step)
  return pair && { named: pair.key as Node, value: pair.value as Node | null }
}

const indexed = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>()

/** By their keys; where one stands twice, the first counts. */
function pairsOf(map: YAMLMap): ReadonlyMap<unknown, Pair> {
  const known = indexed.get(map)
  if (known !== undefined) return known
  const pairs = new Map<unknown, Pair>()
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? keyText(pair.key.value) : undefined
    if (key !== undefined && !pairs.has(key)) pairs.set(key, pair)
  }
  indexed.set(map, pairs)
  return pairs
}

/** As `readValues` unescapes it. */
function keyText(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('$${', '${') : value
}
