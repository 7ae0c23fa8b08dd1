// The differences between an approved manifest and a live one, and the manifest after some of them were approved. It
// reports every difference.
import type { TargetKind } from '../core/call.ts'
import {
  type Item,
  KIND_OF,
  LISTINGS,
  type Manifest,
  type ManifestChange,
  type Pinned,
} from '../core/manifest.ts'
import { canonicalJson } from './definition.ts'
import { withDigest } from './manifest.ts'

/** In the order of the lists, then by name. */
export function compareManifests(approved: Manifest, live: Manifest): readonly ManifestChange[] {
  return LISTINGS.flatMap((listing) => compareLists(KIND_OF[listing], approved[listing], live[listing]))
}

function compareLists(
  kind: TargetKind,
  approved: readonly Pinned[],
  live: readonly Pinned[],
): readonly ManifestChange[] {
  const before = byName(approved)
  const now = byName(live)
  const names = [...new Set([...before.keys(), ...now.keys()])].sort()
  return names.flatMap((name): readonly ManifestChange[] => {
    const [old, fresh] = [before.get(name), now.get(name)]
    if (old?.digest === fresh?.digest) return []
    if (old === undefined) return [{ kind, name, change: 'added', members: [] }]
    if (fresh === undefined) return [{ kind, name, change: 'removed', members: [] }]
    const members = changedMembers(old.definition, fresh.definition)
    return [{ kind, name, change: 'changed', members }]
  })
}

/** Names of the members that differ, sorted. */
export function changedMembers(before: Item, now: Item): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => canonicalJson(before[name]) !== canonicalJson(now[name])).sort()
}

/** A member of an item as it was approved and as it is now; undefined where it has none. */
export interface ChangedValue {
  readonly member: string
  readonly before: unknown
  readonly now: unknown
}

/** Every member that a change is about: those that differ, or all of an item that was added or removed. */
export function changedValues(
  change: ManifestChange,
  approved: Manifest,
  live: Manifest,
): readonly ChangedValue[] {
  const listing = LISTINGS.find((each) => KIND_OF[each] === change.kind)
  const itemIn = (manifest: Manifest) =>
    listing && manifest[listing].find(({ name }) => name === change.name)?.definition
  const [before, now] = [itemIn(approved), itemIn(live)]
  const members = change.change === 'changed' ? change.members : Object.keys(now ?? before ?? {}).sort()
  return members.map((member) => ({ member, before: before?.[member], now: now?.[member] }))
}

/** The approved manifest with what the live one says of the items that `isMeant` picks. */
export function approveChanges(
  approved: Manifest,
  live: Manifest,
  isMeant: (change: ManifestChange) => boolean,
): Manifest {
  const meant = compareManifests(approved, live).filter(isMeant)
  const lists = LISTINGS.map((listing) => {
    const names = new Set(meant.filter(({ kind }) => kind === KIND_OF[listing]).map(({ name }) => name))
    const kept = approved[listing].filter(({ name }) => !names.has(name))
    const taken = live[listing].filter(({ name }) => names.has(name))
    return [...kept, ...taken].sort((a, b) => (a.name < b.name ? -1 : 1))
  })
  const [tools = [], prompts = [], resources = [], templates = []] = lists
  return withDigest(live.server, { tools, prompts, resources, templates })
}

function byName(pins: readonly Pinned[]): ReadonlyMap<string, Pinned> {
  return new Map(pins.map((pin) => [pin.name, pin]))
}
