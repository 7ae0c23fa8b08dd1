// The manifest of a route, read when its live parts are made. Throws when it cannot be used, so that the last good
// configuration serves on; `check` has told the same as a problem of the file.
import type { Item } from '../core/manifest.ts'
import type { ManifestSettings } from '../core/settings.ts'
import { loadManifest } from './file.ts'
import { approvedAnnotations, createPin, type Drift, type LastListings, type Pin } from './pin.ts'

export interface OpenManifest {
  /** Of approved tools, by their names. */
  readonly annotations: ReadonlyMap<string, Item>
  /** Names of the approved tools. */
  readonly tools: readonly string[]
  /** Undefined with `on_drift: off`. */
  readonly pin: Pin | undefined
}

export function openManifest(
  { file, onDrift }: ManifestSettings,
  lastListings: LastListings,
  tell: (drift: Drift) => void,
): OpenManifest {
  const read = loadManifest(file)
  if (!read.ok) throw new Error(read.message)
  const { manifest } = read
  return {
    annotations: approvedAnnotations(manifest),
    tools: manifest.tools.map(({ name: tool }) => tool),
    pin: onDrift === 'off' ? undefined : createPin({ manifest, onDrift, lastListings: lastListings, tell }),
  }
}
