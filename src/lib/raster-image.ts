// Whether bytes are a picture that a page may show: a raster format, told by its own bytes and never by what it is called,
// of a size that costs a browser little. It decodes nothing, and knows no SVG, which is a program (A25).
import type { ImageUrl } from '../core/branding.ts'

/** Of a picture as it is kept and sent. */
export const MAX_IMAGE_BYTES = 64 * 1024
/** Of each side: decoded, the largest takes 4 MiB. */
const MAX_IMAGE_SIDE = 1_024

type RasterType = 'png' | 'jpeg' | 'gif' | 'webp'

interface Raster {
  readonly type: RasterType
  readonly width: number
  readonly height: number
}

/** Why it is not shown, in words for an operator. */
export type ImageReading =
  | { readonly ok: true; readonly url: ImageUrl }
  | { readonly ok: false; readonly problem: string }

export function readImage(bytes: Buffer): ImageReading {
  if (bytes.length > MAX_IMAGE_BYTES) return no(`larger than ${MAX_IMAGE_BYTES / 1024} KiB`)
  const raster = rasterOf(bytes)
  if (raster === undefined) return no('not a PNG, JPEG, GIF or WebP image')
  const { type, width, height } = raster
  if (Math.min(width, height) < 1 || Math.max(width, height) > MAX_IMAGE_SIDE)
    return no(`${width} × ${height} pixels; each side may have 1 to ${MAX_IMAGE_SIDE}`)
  return { ok: true, url: `data:image/${type};base64,${bytes.toString('base64')}` }
}

function no(problem: string): ImageReading {
  return { ok: false, problem }
}

function rasterOf(bytes: Buffer): Raster | undefined {
  return pngOf(bytes) ?? gifOf(bytes) ?? webpOf(bytes) ?? jpegOf(bytes)
}

function has(bytes: Buffer, offset: number, text: string): boolean {
  return bytes.toString('latin1', offset, offset + text.length) === text
}

/** PNG (third edition) §5.2, §11.2.1 */
function pngOf(bytes: Buffer): Raster | undefined {
  if (bytes.length < 24 || !has(bytes, 0, '\x89PNG\r\n\x1a\n') || !has(bytes, 12, 'IHDR')) return undefined
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** GIF89a §17, §18 */
function gifOf(bytes: Buffer): Raster | undefined {
  if (bytes.length < 10 || !(has(bytes, 0, 'GIF87a') || has(bytes, 0, 'GIF89a'))) return undefined
  return { type: 'gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
}

/** RFC 9649 §2.3 to §2.7: the three kinds of first chunk. */
function webpOf(bytes: Buffer): Raster | undefined {
  if (bytes.length < 30 || !has(bytes, 0, 'RIFF') || !has(bytes, 8, 'WEBP')) return undefined
  if (has(bytes, 12, 'VP8X'))
    return { type: 'webp', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
  if (has(bytes, 12, 'VP8L')) {
    const sides = bytes.readUInt32LE(21)
    return { type: 'webp', width: (sides & 0x3fff) + 1, height: ((sides >>> 14) & 0x3fff) + 1 }
  }
  if (!has(bytes, 12, 'VP8 ')) return undefined
  return { type: 'webp', width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
}

/** JPEG (ITU-T T.81) Annex B: from segment to segment, up to the one that begins a frame. */
function jpegOf(bytes: Buffer): Raster | undefined {
  if (!has(bytes, 0, '\xff\xd8\xff')) return undefined
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (isFrame(marker))
      return { type: 'jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** SOF0 to SOF15, without the tables that have numbers among them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}
