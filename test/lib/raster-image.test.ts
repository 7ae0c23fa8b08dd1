// Which bytes count as a picture: by their own first bytes and sizes, for each of the four formats, and nothing else.
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { MAX_IMAGE_BYTES, readImage } from '../../src/lib/raster-image.ts'

function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)])
  }
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc(9)))])
}

function gif(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.write('GIF89a', 'latin1')
  bytes.writeUInt16LE(width, 6)
  bytes.writeUInt16LE(height, 8)
  return bytes
}

function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.write('RIFF', 0, 'latin1')
  bytes.write(`WEBP${kind}`, 8, 'latin1')
  if (kind === 'VP8 ') {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  } else if (kind === 'VP8L') bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  else {
    bytes.writeUIntLE(width - 1, 24, 3)
    bytes.writeUIntLE(height - 1, 27, 3)
  }
  return bytes
}

/** With a comment of 300 bytes before the frame. */
function jpeg(width: number, height: number, frame = 0xc0): Buffer {
  const comment = Buffer.alloc(302)
  comment.set([0xff, 0xfe])
  comment.writeUInt16BE(300, 2)
  const start = Buffer.alloc(11)
  start.set([0xff, frame, 0, 9, 8])
  start.writeUInt16BE(height, 5)
  start.writeUInt16BE(width, 7)
  return Buffer.concat([Buffer.from([0xff, 0xd8]), comment, start])
}

describe('a picture', () => {
  test.each([
    ['png', png(48, 32)],
    ['gif', gif(48, 32)],
    ['webp', webp('VP8 ', 48, 32)],
    ['webp', webp('VP8L', 48, 32)],
    ['webp', webp('VP8X', 48, 32)],
    ['jpeg', jpeg(48, 32)],
    ['jpeg', jpeg(48, 32, 0xc2)],
  ])('%s has the type that its bytes have', (type, bytes) => {
    const url = `data:image/${type};base64,${bytes.toString('base64')}`
    expect(readImage(bytes)).toEqual({ ok: true, url })
  })

  test.each([
    ['png', (side: number) => png(side, 1)],
    ['gif', (side: number) => gif(1, side)],
    ['webp', (side: number) => webp('VP8L', side, 1)],
    ['webp', (side: number) => webp('VP8X', 1, side)],
    ['jpeg', (side: number) => jpeg(side, 1)],
  ])('%s: each side has 1 to 1,024 pixels', (_type, make) => {
    expect(readImage(make(1_024))).toMatchObject({ ok: true })
    expect(readImage(make(1_025))).toMatchObject({ ok: false, problem: expect.stringContaining('1025') })
  })

  test.each([
    ['nothing', ''],
    ['text', 'a picture, honestly'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['SVG after a mark', '\ufeff<?xml version="1.0"?><svg/>'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['a cut PNG', '\x89PNG\r\n\x1a\n'],
    ['a cut GIF', 'GIF89a'],
    ['a cut WebP', 'RIFF....WEBPVP8X'],
    ['a cut JPEG', '\xff\xd8\xff'],
    ['a JPEG whose segments lead nowhere', `\xff\xd8\xff\xe0\xff\xff${'x'.repeat(30)}`],
    ['a JPEG of tables alone', `\xff\xd8${'\xff\xc4\x00\x02'.repeat(16_000)}`],
    ['BMP', `BM${'\0'.repeat(60)}`],
  ])('not %s', (_what, text) => {
    expect(readImage(Buffer.from(text, 'latin1'))).toEqual({
      ok: false,
      problem: 'not a PNG, JPEG, GIF or WebP image',
    })
  })

  test('no more than 64 KiB', () => {
    const bytes = (length: number) => Buffer.concat([png(1, 1), Buffer.alloc(length)]).subarray(0, length)
    expect(readImage(bytes(MAX_IMAGE_BYTES)).ok).toBe(true)
    expect(readImage(bytes(MAX_IMAGE_BYTES + 1))).toEqual({ ok: false, problem: 'larger than 64 KiB' })
  })

  test('a picture without a side is none', () => {
    expect(readImage(png(0, 5)).ok).toBe(false)
  })
})
