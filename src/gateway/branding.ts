// What pages show of whoever runs the gateway, and of each server: from the file, with its images read.
import type { Branding, ImageUrl } from '../core/branding.ts'
import type { Settings } from '../core/settings.ts'
import { readImageFile } from '../lib/image-file.ts'

export function brandingOf({ branding, publicUrl }: Pick<Settings, 'branding' | 'publicUrl'>): Branding {
  return { ...branding, logo: imageAt(branding?.logo), host: new URL(publicUrl).host }
}

/** The file was looked at when the configuration was read; where it cannot be shown any more, the initial is. */
export function imageAt(file: string | undefined): ImageUrl | undefined {
  const read = file === undefined ? undefined : readImageFile(file)
  return read?.ok ? read.url : undefined
}
