// An image that the file names, as it stands on the disk now.
import { readFileSync, statSync } from 'node:fs'
import { type ImageReading, MAX_IMAGE_BYTES, readImage } from './raster-image.ts'

export function readImageFile(path: string): ImageReading {
  try {
    const { size } = statSync(path)
    if (size > MAX_IMAGE_BYTES) return { ok: false, problem: `larger than ${MAX_IMAGE_BYTES / 1024} KiB` }
    return readImage(readFileSync(path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return { ok: false, problem: typeof code === 'string' ? code : 'unreadable' }
  }
}
