// The picture that a server names for itself (MCP 2025-11-25 Implementation, `icons`). It fetches nothing, and what it gives is
// only what the server says.
import { type JsonMembers, membersOf } from '../lib/json.ts'

/** More than any has; those beyond are not looked at. */
const MAX_ICONS = 16
/** A picture of 64 KiB in base64, with what stands before it. */
const MAX_URL_CHARS = 90_000
const SCHEMES = ['https:', 'data:']
const RASTER = new Set(['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp'])

/** An `https:` or `data:` address; undefined where there is none of a raster format. For a light page first. */
export function iconUrlIn(icons: unknown): string | undefined {
  if (!Array.isArray(icons)) return undefined
  const usable = icons.slice(0, MAX_ICONS).flatMap((icon) => {
    const members = membersOf(icon)
    return members !== undefined && isRaster(members) ? [members] : []
  })
  const chosen = usable.find(({ theme }) => theme !== 'dark') ?? usable[0]
  return chosen?.['src'] as string | undefined
}

/** Of one that does not say its type, its bytes will. */
function isRaster({ src, mimeType }: JsonMembers): boolean {
  if (typeof src !== 'string' || src.length > MAX_URL_CHARS) return false
  const isUrl = SCHEMES.includes(src.slice(0, src.indexOf(':') + 1).toLowerCase())
  return isUrl && (typeof mimeType !== 'string' || RASTER.has(mimeType.toLowerCase()))
}
