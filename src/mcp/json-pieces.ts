// JSON text that is not kept, read piece by piece while it passes, in constant space. One document may follow another:
// some servers write JSON line by line without end. It follows strings and brackets alone and does not check the rest
// of the grammar, since no client can parse what is no JSON. It knows no member: the listener says which texts it
// wants.
import { parseJson } from '../lib/json.ts'

/** Of a name or a value that is wanted. */
const MAX_KEPT_CHARACTERS = 4_096

/** Each call returns whether the document is still wanted. Depth 0 is the document, 1 what stands in it, and so on. */
export interface PieceListener {
  /** A value begins with this byte; `keep`: its text is wanted, if it is a string or a number. */
  begins(depth: number, byte: number): boolean | 'keep'
  /** A name begins: whether those of the members at this depth are wanted. */
  beginsName(depth: number): boolean
  /** A name that was wanted; one that is too long never comes. */
  named(depth: number, name: string): boolean
  /** A text that was wanted, as it is written; undefined when it is too long. */
  kept(depth: number, text: string | undefined): boolean
  /** The object or array that began at this depth is whole. */
  closes(depth: number): boolean
}

const SPACE = 0x20
export const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
export const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
export const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
/** Those of a byte order mark, which some servers write. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf]
/** Levels whose kind is kept: a batch, its messages, their results, and the members of these. */
const OUTER_LEVELS = 4

export class JsonPieces {
  readonly #listener: PieceListener
  #depth = 0
  /** Of each outer level, whether it is an object. */
  readonly #objects: boolean[] = []
  #inString = false
  #escaped = false
  #expects: 'name' | 'value' | 'neither' = 'value'
  /** What is kept of a name or a value; undefined while nothing is. */
  #kept: string | undefined
  /** Whether the document is whole. */
  done = false
  /** Where the current piece begins in these bytes, or its end when it is reported. */
  at = 0

  constructor(listener: PieceListener) {
    this.#listener = listener
  }

  /** False as soon as it is no JSON document or not wanted; nothing is read after that. */
  push(bytes: Buffer): boolean {
    let at = 0
    while (at < bytes.length && at >= 0)
      at = this.#inString ? this.#string(bytes, at) : this.#token(bytes, at)
    return at >= 0
  }

  /** The index after the string, or after the bytes; -1 when the document is not wanted. */
  #string(bytes: Buffer, from: number): number {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at]
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) break
      at += 1
    }
    const end = Math.min(at + 1, bytes.length)
    this.at = end
    if (this.#kept !== undefined && !this.#keep(bytes.toString('latin1', from, end))) return -1
    if (at === bytes.length) return end
    this.#inString = false
    return this.#kept === undefined || this.#takeKept() ? end : -1
  }

  /** The same for what stands outside of strings. */
  #token(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number
    this.at = at
    const isBetween = byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET
    return (isBetween ? this.#between(byte) : this.#character(byte)) ? at + 1 : -1
  }

  /** What stands between values, and ends a number. */
  #between(byte: number): boolean {
    if (this.#kept !== undefined && !this.#takeKept()) return false
    if (byte <= SPACE) return true
    if (byte !== COMMA) return this.#close()
    this.#expects = this.#objects[this.#depth - 1] === true ? 'name' : 'value'
    return this.#depth > 0
  }

  #character(byte: number): boolean {
    if (this.done) {
      this.done = false
      this.#expects = 'value'
    }
    if (byte === QUOTE) return this.#openString()
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte)
    if (byte === COLON) this.#expects = 'value'
    else if (this.#expects === 'value' && !this.#begin(byte)) return this.#depth === 0 && MARK.includes(byte)
    return this.#kept === undefined || this.#keep(String.fromCharCode(byte))
  }

  #openString(): boolean {
    this.#inString = true
    if (this.#expects === 'value') {
      if (!this.#begin(QUOTE)) return false
      if (this.#kept !== undefined) this.#kept = '"'
    } else if (this.#expects === 'name' && this.#listener.beginsName(this.#depth)) this.#kept = '"'
    return true
  }

  #open(byte: number): boolean {
    if (!this.#begin(byte)) return false
    this.#kept = undefined
    if (this.#depth < OUTER_LEVELS) this.#objects[this.#depth] = byte === OPEN_BRACE
    this.#depth += 1
    this.#objects.length = Math.min(this.#depth, OUTER_LEVELS)
    this.#expects = byte === OPEN_BRACE ? 'name' : 'value'
    return true
  }

  #close(): boolean {
    if (this.#depth === 0) return false
    this.#depth -= 1
    this.#objects.length = Math.min(this.#depth, OUTER_LEVELS)
    this.#expects = 'neither'
    this.done = this.#depth === 0
    return this.#listener.closes(this.#depth)
  }

  /** A value begins with this byte. */
  #begin(byte: number): boolean {
    if (this.#expects !== 'value') return false
    if (this.#depth > 0) this.#expects = 'neither'
    const wanted = this.#listener.begins(this.#depth, byte)
    if (wanted === 'keep') this.#kept = ''
    return wanted !== false
  }

  /** False when a value is too long and no longer wanted. A name of that length is not one that is looked for. */
  #keep(text: string): boolean {
    this.#kept += text
    if ((this.#kept as string).length <= MAX_KEPT_CHARACTERS) return true
    this.#kept = undefined
    return this.#expects === 'name' || this.#listener.kept(this.#depth, undefined)
  }

  /** A name or a value that is wanted is whole. */
  #takeKept(): boolean {
    const text = Buffer.from(this.#kept as string, 'latin1').toString('utf8')
    this.#kept = undefined
    if (this.#expects !== 'name') return this.#listener.kept(this.#depth, text)
    this.#expects = 'neither'
    const name = parseJson(text)
    return name !== undefined && this.#listener.named(this.#depth, name as string)
  }
}
