// The files of an audit: the one that is written to, those that a rotation set aside, and those that are compressed. It
// finds and reads them; what their lines mean is for the caller.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { openDecoded } from '../../observe/decoded-file.ts'
import { type AuditReading, createAuditLineReader } from './audit-lines.ts'

/**
 * What logrotate and its like make of a name: `.1`, `-20261129`, `.2026-11-29`, `-20261129-1764460800`, before or after
 * the extension, and the ending of whatever compresses.
 */
const SET_ASIDE = /[.-]\d[\d._-]{0,40}$/
const NUMBERED = /^[.-]\d[\d._-]{0,40}$/
const COMPRESSED = /\.(?:gz|zst|bz2|xz|lz4)$/

/**
 * Returns the file and those of its folder that were once called like it, in no order, also those of workers that have a
 * file each (`audit-1.jsonl`). The file may be absent.
 */
export async function withRotated(file: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(file), basename(file)]
  const extension = /\.[a-z]\w*$/i.exec(name)?.[0] ?? ''
  const stem = name.slice(0, name.length - extension.length)
  const isWritten = (other: string) => {
    const inner = other.startsWith(stem) && other.endsWith(extension)
    return (
      other === name || (inner && NUMBERED.test(other.slice(stem.length, other.length - extension.length)))
    )
  }
  const isOurs = (other: string) => {
    const plain = other.replace(COMPRESSED, '')
    return isWritten(plain) || isWritten(plain.replace(SET_ASIDE, ''))
  }
  const found = (await readdir(folder)).filter(isOurs).map((other) => join(folder, other))
  return found.length === 0 ? [file] : found
}

/** Reads a whole file, compressed or not. Throws what opening it throws. */
export async function* readAuditFile(file: string): AsyncGenerator<AuditReading> {
  const reader = createAuditLineReader(file)
  const stream = await openDecoded(file)
  if (typeof stream === 'string') {
    yield { file, line: 0, damage: stream, isRest: true }
    return
  }
  try {
    for await (const bytes of stream) yield* reader.push(bytes as Uint8Array)
  } catch (error) {
    const code = fileErrorCode(error)
    if (!code.startsWith('Z_') && !code.startsWith('ZSTD_')) throw error
    yield {
      file,
      line: reader.lines,
      damage: `the compressed data ends early or is damaged (${code})`,
      isRest: true,
    }
    return
  } finally {
    stream.destroy()
  }
  yield* reader.end()
}

/** When the first line was written that can be read, in epoch milliseconds; undefined where there is none. */
export async function firstTimeIn(file: string): Promise<number | undefined> {
  for await (const reading of readAuditFile(file)) if ('at' in reading) return reading.at
  return undefined
}

/** When a file was last written to, in epoch milliseconds. */
export async function lastWriteTo(file: string): Promise<number> {
  return (await stat(file)).mtimeMs
}

export function fileErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
