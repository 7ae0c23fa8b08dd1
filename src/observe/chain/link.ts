// The place of an audit line in its chain: which chain, which line of it, and the digest of the line before. Text in, text
// out; it reads and writes no file.
import { createHash, hash } from 'node:crypto'
import { type JsonMembers, membersOf, parseJson } from '../../lib/json.ts'

/** Bytes in the file, directly before a line, that belong to no chain: a line that was cut, or what stood there before. */
export interface Foreign {
  readonly bytes: number
  /** SHA-256 of them, base64url. */
  readonly digest: string
}

export interface ChainLink {
  /** The id of the chain: 22 characters of base64url. */
  readonly chain: string
  /** Counts the lines of the chain, from 1. */
  readonly seq: number
  /** The digest of the line before; of the first line, `GENESIS`. */
  readonly prev: string
  readonly foreign: Foreign | undefined
}

/** No line comes before the first. */
export const GENESIS = ''

/** SHA-256 of a whole line without its line break, base64url. */
export function lineDigest(line: string | Uint8Array): string {
  return hash('sha256', line, 'base64url')
}

/** Adds the link to a line, which is one JSON object that has a member, and its line break. Returns it without one. */
export function linkedLine(line: string, { chain, seq, prev, foreign }: ChainLink): string {
  const cut = foreign === undefined ? '' : `,"foreign":${JSON.stringify(foreign)}`
  return `${line.slice(0, -2)},"chain":"${chain}","seq":${seq},"prev":"${prev}"${cut}}`
}

export interface ReadLine extends ChainLink {
  readonly members: JsonMembers
}

/** Undefined for a line of no chain. Whether the link is true is for the caller to find out. */
export function readLink(line: string): ReadLine | undefined {
  const members = membersOf(parseJson(line))
  if (members === undefined) return undefined
  const { chain, seq, prev, foreign } = members
  if (typeof chain !== 'string' || typeof prev !== 'string' || !Number.isSafeInteger(seq)) return undefined
  return { members, chain, prev, seq: seq as number, foreign: readForeign(foreign) }
}

function readForeign(value: unknown): Foreign | undefined {
  const { bytes, digest } = membersOf(value) ?? {}
  return typeof bytes === 'number' && typeof digest === 'string' ? { bytes, digest } : undefined
}

/** Gathers bytes that belong to no chain, until a line says that they stand before it. */
export interface ForeignBytes {
  add(bytes: Uint8Array): void
  readonly bytes: number
  /** Whether the last of them is a line break; also where there are none. */
  readonly endsLine: boolean
  /** With the line break that ends them, where they have none; undefined where there are none. */
  ended(): Foreign | undefined
}

const NEWLINE = 0x0a

export function createForeignBytes(): ForeignBytes {
  const digest = createHash('sha256')
  let bytes = 0
  let last = NEWLINE
  return {
    add(more) {
      if (more.length === 0) return
      digest.update(more)
      bytes += more.length
      last = more[more.length - 1] as number
    },
    get bytes() {
      return bytes
    },
    get endsLine() {
      return last === NEWLINE
    },
    ended() {
      if (bytes === 0) return undefined
      const whole = digest.copy()
      const more = last === NEWLINE ? 0 : 1
      if (more === 1) whole.update('\n')
      return { bytes: bytes + more, digest: whole.digest('base64url') }
    },
  }
}
