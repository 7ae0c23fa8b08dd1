// Compares what an upstream lists with its manifest (M51): an item that is new, or not as it was approved, is reported
// once, hidden and refused. It learns from lists only; calls are judged by what the last list said.
import { hash } from 'node:crypto'
import type { Target, TargetKind } from '../core/call.ts'
import {
  type Item,
  KIND_OF,
  LISTINGS,
  type Manifest,
  type ManifestChange,
  type Pinned,
} from '../core/manifest.ts'
import type { OnDrift } from '../core/settings.ts'
import type { ReportDedup } from '../core/shared-state.ts'
import { andThen } from '../core/turn.ts'
import { hasMembers } from '../lib/json.ts'
import { changedMembers } from './compare.ts'
import { pinOf } from './definition.ts'

/** Changes that are remembered as reported; the oldest is forgotten first, and would be reported again. */
const MAX_TOLD_CHANGES = 10_000

/** What the lists of a route said last. It outlives a reload, so that approving one tool does not trust another. */
export interface LastListings {
  /** `kind name` of pinned items → what was listed last. */
  readonly listed: Map<string, { readonly text: string; readonly digest: string | undefined }>
  readonly reported: ReportDedup
}

export function createLastListings(reported: ReportDedup = createReportDedup()): LastListings {
  return { listed: new Map(), reported: reported }
}

/** Remembers what this process reported. */
export function createReportDedup(): ReportDedupInMemory {
  const reported = new Set<string>()
  return {
    isFirst(what) {
      if (reported.has(what)) return false
      if (reported.size >= MAX_TOLD_CHANGES) reported.delete(reported.values().next().value ?? what)
      reported.add(what)
      return true
    },
  }
}

/** A `ReportDedup` that answers at once. */
export interface ReportDedupInMemory extends ReportDedup {
  isFirst(what: string): boolean
}

/** Something that was listed and is not as it was approved. */
export type Drift = ManifestChange & { readonly change: 'added' | 'changed' }

export interface Pin {
  /** A list has this item, whose whole JSON text is given. What it is now is remembered, and reported where it drifted. */
  observe(kind: TargetKind, name: string, json: string): void
  /** Whether a list may show it, and a call may name it, as it was observed last. */
  allows(target: Target): boolean
}

export interface PinOptions {
  readonly manifest: Manifest
  readonly onDrift: Exclude<OnDrift, 'off'>
  readonly lastListings: LastListings
  /** Called once for each change. */
  readonly tell: (drift: Drift) => void
}

export function createPin({ manifest, onDrift, lastListings, tell }: PinOptions): Pin {
  const pinned = pinnedByKey(manifest)
  const prefixes = manifest.templates.flatMap(({ name }) => prefixOf(name))
  forgetUnpinned(lastListings, pinned)
  const withholds = onDrift !== 'warn'

  /** A resource that an approved template could name is as approved as the template (docs/decisions.md, 7). */
  const isExpansion = ({ kind, name }: Target) =>
    kind === 'resource' && prefixes.some((prefix) => name.startsWith(prefix))

  const seen = (key: string, kind: TargetKind, text: string): string | undefined => {
    const mark = hash('sha256', text, 'base64')
    const known = lastListings.listed.get(key)
    if (known?.text === mark) return known.digest
    const digest = pinOf(kind, JSON.parse(text) as Item)?.digest
    lastListings.listed.set(key, { text: mark, digest })
    return digest
  }

  return {
    observe(kind, name, json) {
      const key = keyOf(kind, name)
      const approved = pinned.get(key)
      if (approved === undefined) {
        if (isExpansion({ kind, name })) return
        tellOnce(lastListings, tell, key, { kind, name, change: 'added', members: [] })
        return
      }
      const digest = seen(key, kind, json)
      if (digest === approved.digest) return
      const now = pinOf(kind, JSON.parse(json) as Item)?.definition ?? {}
      const members = changedMembers(approved.definition, now)
      tellOnce(lastListings, tell, `${key} ${digest}`, { kind, name, change: 'changed', members })
    },
    allows(target) {
      if (!withholds) return true
      const key = keyOf(target.kind, target.name)
      const approved = pinned.get(key)
      if (approved === undefined) return isExpansion(target)
      const last = lastListings.listed.get(key)
      return last === undefined || last.digest === approved.digest
    },
  }
}

/** What conditions may know of each tool: what a person approved, never what the server says now. */
export function approvedAnnotations({ tools }: Manifest): ReadonlyMap<string, Item> {
  return new Map(
    tools.flatMap(({ name, definition: { annotations } }) =>
      hasMembers(annotations) ? [[name, annotations]] : [],
    ),
  )
}

/** A template that begins with an expression names every URI, so it approves none. */
function prefixOf(template: string): string[] {
  const [prefix = ''] = template.split('{', 1)
  return /^[a-z][a-z0-9+.-]*:/i.test(prefix) ? [prefix] : []
}

function pinnedByKey(manifest: Manifest): ReadonlyMap<string, Pinned> {
  return new Map(
    LISTINGS.flatMap((listing) => manifest[listing].map((pin) => [keyOf(KIND_OF[listing], pin.name), pin])),
  )
}

function keyOf(kind: TargetKind, name: string): string {
  return `${kind} ${name}`
}

function forgetUnpinned({ listed }: LastListings, pinned: ReadonlyMap<string, Pinned>): void {
  for (const key of listed.keys()) if (!pinned.has(key)) listed.delete(key)
}

function tellOnce({ reported }: LastListings, tell: (drift: Drift) => void, key: string, drift: Drift): void {
  void andThen(reported.isFirst(key), (isFirst) => {
    if (isFirst) tell(drift)
  })
}
