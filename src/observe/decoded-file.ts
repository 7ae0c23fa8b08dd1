// A file as the bytes that were compressed into it, or as it is. Its first bytes say how it is compressed, whatever it is
// called. What the bytes mean is for the caller.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import * as zlib from 'node:zlib'

/** The bytes, or why they cannot be had. Throws what opening throws; the stream fails with what reading or unpacking says. */
export async function openDecoded(file: string): Promise<Readable | string> {
  const first = await firstBytes(file)
  const decoder = decoderFor(first)
  if (typeof decoder === 'string') return decoder
  const raw = createReadStream(file)
  if (decoder === undefined) return raw
  raw.on('error', (error) => decoder.destroy(error))
  decoder.on('close', () => raw.destroy())
  return raw.pipe(decoder)
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** RFC 1952 §2.3.1, RFC 8878 §3.1.1; the others are only known, so that they are not taken for damaged lines. */
const MAGIC = { gzip: '1f8b', zstd: '28b52ffd', bzip2: '425a68', xz: 'fd377a585a00', lz4: '04224d18' }

function decoderFor(first: Buffer): zlib.Gunzip | zlib.ZstdDecompress | string | undefined {
  const start = first.toString('hex')
  const found = Object.entries(MAGIC).find(([, magic]) => start.startsWith(magic))
  if (found === undefined) return undefined
  const [format] = found
  if (format === 'gzip') return zlib.createGunzip()
  // Node 22.15 and 23.8 brought it.
  if (format === 'zstd' && typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress()
  return `${format} cannot be read here: unpack the file first`
}
