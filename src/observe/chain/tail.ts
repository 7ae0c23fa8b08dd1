// The end of an audit file: the last whole line of a chain, and what stands behind it that belongs to none. It reads from
// the end, so that a long file costs no more than a short one.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { MAX_AUDIT_LINE_BYTES } from '../audit-line.ts'
import { type ChainEnd, newChain } from './line-chain.ts'
import { createForeignBytes, type ForeignBytes, lineDigest, readLink } from './link.ts'

const PIECE_BYTES = 64 * 1024
const NEWLINE = 0x0a

export interface AuditTail {
  /** Where a chain goes on in this file; a new one where the file holds none. */
  readonly end: ChainEnd
  readonly isNew: boolean
  /** Where in the file the bytes behind the last line begin. */
  readonly cutAt: number
  /** The last line is whole but for its line break. */
  readonly lacksLineBreak: boolean
}

/** Throws what reading throws; a file that is not there is empty. */
export function readTail(file: string): AuditTail {
  return withFile(file, (fd, size) => {
    const last = lastLinkedLine(fd, size)
    if (last === undefined)
      return { end: newChain(bytesFrom(fd, 0, size)), isNew: true, cutAt: 0, lacksLineBreak: false }
    const { chain, seq, digest, cutAt } = last
    const foreign = bytesFrom(fd, cutAt, size)
    return { end: { chain, seq, digest, foreign }, isNew: false, cutAt, lacksLineBreak: last.lacksLineBreak }
  })
}

/** All bytes of a file, as what belongs to no chain. */
export function bytesOfFile(file: string): ForeignBytes {
  return withFile(file, (fd, size) => bytesFrom(fd, 0, size))
}

function withFile<T>(file: string, read: (fd: number, size: number) => T): T {
  const fd = openSync(file, 'r')
  try {
    const status = fstatSync(fd)
    return read(fd, status.isFile() ? status.size : 0)
  } finally {
    closeSync(fd)
  }
}

interface LastLine {
  readonly chain: string
  readonly seq: number
  readonly digest: string
  readonly cutAt: number
  readonly lacksLineBreak: boolean
}

function lastLinkedLine(fd: number, size: number): LastLine | undefined {
  let rest = Buffer.alloc(0)
  let at = size
  while (at > 0 && rest.length <= MAX_AUDIT_LINE_BYTES) {
    const length = Math.min(Math.max(PIECE_BYTES, rest.length), at) // twice as much each time
    at -= length
    rest = Buffer.concat([readAt(fd, at, length), rest])
    let start = startOfLastLine(rest)
    while (start >= 0 || at === 0) {
      const found = linkedLineIn(rest, Math.max(0, start), at)
      if (found !== undefined) return found
      if (start <= 0) return undefined
      rest = rest.subarray(0, start)
      start = startOfLastLine(rest)
    }
  }
  return undefined
}

/** Where the last line of these bytes begins; -1 where it begins before them. */
function startOfLastLine(bytes: Buffer): number {
  const lineBreak = bytes.length < 2 ? -1 : bytes.lastIndexOf(NEWLINE, bytes.length - 2)
  return lineBreak === -1 ? -1 : lineBreak + 1
}

function linkedLineIn(bytes: Buffer, start: number, offset: number): LastLine | undefined {
  const lacksLineBreak = bytes[bytes.length - 1] !== NEWLINE
  const line = bytes.subarray(start, lacksLineBreak ? undefined : -1)
  const link = readLink(line.toString('utf8'))
  if (link === undefined) return undefined
  const { chain, seq } = link
  return { chain, seq, digest: lineDigest(line), cutAt: offset + bytes.length, lacksLineBreak }
}

function bytesFrom(fd: number, start: number, end: number): ForeignBytes {
  const foreign = createForeignBytes()
  for (let at = start; at < end; at += PIECE_BYTES)
    foreign.add(readAt(fd, at, Math.min(PIECE_BYTES, end - at)))
  return foreign
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, position + read)
    if (count === 0) break
    read += count
  }
  return bytes.subarray(0, read)
}
