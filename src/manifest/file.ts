// The manifest on the disk: read whole, and replaced in one step, so that a gateway that watches it never reads half
// of one.
import { hash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Manifest } from '../core/manifest.ts'
import { replaceFile } from '../lib/whole-file.ts'
import { formatManifest, manifestOf, type ReadManifest, readManifest } from './manifest.ts'

export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024

export function loadManifest(file: string): ReadManifest {
  try {
    const status = statSync(file)
    if (!status.isFile()) return { ok: false, message: `${file} is not a regular file` }
    if (status.size > MAX_MANIFEST_BYTES) return { ok: false, message: `${file} is larger than 16 MiB` }
    const read = readManifest(readFileSync(file, 'utf8'))
    return read.ok ? read : { ok: false, message: `${file}: ${read.message}` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const hint = code === 'ENOENT' ? '; write it with: portcullis approve' : ''
    return { ok: false, message: `cannot read the manifest ${file}: ${code}${hint}` }
  }
}

/** What was approved up to now: nothing, where there is no such file yet. */
export function loadApproved(file: string): ReadManifest {
  if (existsSync(file)) return loadManifest(file)
  const nothing = { tools: [], prompts: [], resources: [], templates: [] }
  return { ok: true, manifest: manifestOf({ server: { name: '', version: '' }, ...nothing }) }
}

/** Equal for equal files; empty for one that `loadManifest` cannot read. */
export function digestOfManifest(file: string): string {
  try {
    const status = statSync(file)
    return status.isFile() && status.size <= MAX_MANIFEST_BYTES ? hash('sha256', readFileSync(file)) : ''
  } catch {
    return ''
  }
}

/** Throws when the file or its folder cannot be written; the manifest of before stays then. */
export function saveManifest(file: string, manifest: Manifest): void {
  replaceFile(file, formatManifest(manifest), 0o644)
}
