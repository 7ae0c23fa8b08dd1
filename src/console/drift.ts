// What differs between the approved manifest of a route and its server now, and the approval of some of it: of exactly
// what was shown, and of nothing that came since.
import type { Manifest, ManifestChange } from '../core/manifest.ts'
import type { RouteSettings } from '../core/settings.ts'
import { approveChanges, compareManifests } from '../manifest/compare.ts'
import { loadApproved, saveManifest } from '../manifest/file.ts'
import { manifestOf } from '../manifest/manifest.ts'
import { shownDigest } from './form.ts'
import type { ConsoleSource } from './source.ts'

export type RouteWithManifest = RouteSettings & Required<Pick<RouteSettings, 'manifest'>>

export interface ManifestDrift {
  readonly approved: Manifest
  readonly live: Manifest
  readonly changes: readonly ManifestChange[]
  /** Of both manifests. */
  readonly digest: string
}

export type FoundDrift =
  | { readonly ok: true; readonly drift: ManifestDrift }
  | { readonly ok: false; readonly problem: string }

export function hasManifest(route: RouteSettings): route is RouteWithManifest {
  return route.manifest !== undefined
}

export async function findDrift(
  { inventoryOf }: Pick<ConsoleSource, 'inventoryOf'>,
  route: RouteWithManifest,
): Promise<FoundDrift> {
  const asked = await inventoryOf(route)
  if (!asked.ok) return asked
  const read = loadApproved(route.manifest.file) // after the server was asked, so that what is compared is of one moment
  if (!read.ok) return { ok: false, problem: read.message }
  const [approved, live] = [read.manifest, manifestOf(asked.value)]
  const changes = compareManifests(approved, live)
  return { ok: true, drift: { approved, live, changes, digest: shownDigest(approved.digest, live.digest) } }
}

/** The name of a change in a form. */
export function keyOfChange({ kind, name }: ManifestChange): string {
  return `${kind} ${name}`
}

/** Writes the manifest. Returns what was approved. Throws when the file cannot be written; it is as before then. */
export function approveDrift(
  { manifest }: RouteWithManifest,
  { approved, live, changes }: ManifestDrift,
  keys: ReadonlySet<string>,
): readonly ManifestChange[] {
  const isMeant = (change: ManifestChange) => keys.has(keyOfChange(change))
  saveManifest(manifest.file, approveChanges(approved, live, isMeant))
  return changes.filter(isMeant)
}
