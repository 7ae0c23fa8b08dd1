// Images that the file names for pages, and that cannot be shown, as problems of the file.
import type { Finding, Settings } from '../core/settings.ts'
import { readImageFile } from '../lib/image-file.ts'

export function checkBranding({ branding, routes }: Settings): Finding[] {
  return [
    ...imageFaults(branding?.logo, ['branding', 'logo']),
    ...routes.flatMap(({ icon }, index) => imageFaults(icon, ['routes', index, 'icon'])),
  ]
}

function imageFaults(file: string | undefined, path: Finding['path']): Finding[] {
  const read = file === undefined ? undefined : readImageFile(file)
  if (read === undefined || read.ok) return []
  return [{ severity: 'error', path, message: `this image cannot be shown: ${read.problem}` }]
}
