// Manifests that a file names and that cannot be used, as problems of the file: a gateway that starts has read them.
import type { Finding, Settings } from '../core/settings.ts'
import { loadManifest } from './file.ts'

export function checkManifests({ routes }: Settings): Finding[] {
  return routes.flatMap(({ manifest }, index): Finding[] => {
    if (manifest === undefined) return []
    const read = loadManifest(manifest.file)
    const path = ['routes', index, 'manifest', 'file']
    return read.ok ? [] : [{ severity: 'error', path, message: read.message }]
  })
}
