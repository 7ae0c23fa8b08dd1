// Packs settings for their way from the primary to its workers. Only the primary reads files, so all workers serve one
// reading; and so does a worker that replaces another, whatever the file says by then. Secrets travel as bytes, since
// nothing else in settings is bytes.
import { Secret } from '../core/secret.ts'
import type { Settings } from '../core/settings.ts'

/** Opaque: `packSettings` makes it for `unpackSettings`. */
export type PortableSettings = unknown

/** Throws where a value would not arrive as it is. */
export function packSettings(settings: Settings): PortableSettings {
  return changed(settings, (value) => {
    if (value instanceof Secret) return new TextEncoder().encode(value.reveal())
    throw new Error(`settings cannot be handed to a worker: ${Object.prototype.toString.call(value)}`)
  })
}

export function unpackSettings(packed: PortableSettings): Settings {
  return changed(packed, (value) => {
    if (value instanceof Uint8Array) return new Secret(new TextDecoder().decode(value))
    throw new Error('these are no settings')
  }) as Settings
}

/** Returns a copy in which each value that is not plain is changed. */
function changed(value: unknown, change: (value: object) => unknown): unknown {
  if (typeof value === 'function') throw new Error('settings with functions cannot be handed to a worker')
  if (typeof value !== 'object' || value === null) return value
  const inner = (each: unknown) => changed(each, change)
  if (Array.isArray(value)) return value.map(inner)
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, inner(each)]))
  if (value instanceof Set) return new Set([...value].map(inner))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return change(value)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]))
}
