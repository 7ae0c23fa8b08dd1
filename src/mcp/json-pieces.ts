// Reads JSON text piece by piece while it passes, without keeping it, in constant space. One document may follow
// another: some servers write JSON line by line without end. It follows strings and brackets only and does not check
// the rest of the grammar, since no client can parse what is no JSON. It knows no member: the listener says which texts
// it wants.
import { parseJson } from '../lib/json.ts'

/** How many characters of a wanted name or value are kept. */
const MAX_KEPT_CHARACTERS = 4_096

/**
 * Each call returns whether the document is still wanted. The document has depth 0, its members and items have depth 1,
 * and so on.
 */
export interface PieceListener {
  /** Called when a value begins with this byte. `keep`: its text is wanted, if it is a string or a number. */
  begins(depth: number, byte: number): boolean | 'keep'
  /** Called when a name begins. Returns whether names of members at this depth are wanted. */
  beginsName(depth: number): boolean
  /** Gets a name that was wanted. A name that is too long is never reported. */
  named(depth: number, name: string): boolean
  /** Gets a text that was wanted, as it is written; undefined when it is too long. */
  kept(depth: number, text: string | undefined): boolean
  /** Called when the object or array that began at this depth is whole. */
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
/** The bytes of a byte order mark, which some servers write. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf]
/**
 * How many levels are remembered as object or array: a batch, its messages, their results, and the members of these.
 */
const OUTER_LEVELS = 4

export class JsonPieces {
  readonly #listener: PieceListener
  #depth = 0
  /** Whether each outer level is an object. */
  readonly #objects: boolean[] = []
  #inString = false
  #escaped = false
  #expects: 'name' | 'value' | 'neither' = 'value'
  /** The kept text of a name or a value; undefined while none is kept. */
  #kept: string | undefined
  /** Whether the document is whole. */
  done = false
  /** The index in these bytes where the current piece begins; when its end is reported, where it ends. */
  at = 0

  constructor(listener: PieceListener) {
    this.#listener = listener
  }

  /** Returns false as soon as the text is no JSON document or not wanted; it reads nothing after that. */
  push(bytes: Buffer): boolean {
    let at = 0
    while (at < bytes.length && at >= 0)
      at = this.#inString ? this.#string(bytes, at) : this.#token(bytes, at)
    return at >= 0
  }

  /** Returns the index after the string, or after the bytes; -1 when the document is not wanted. */
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

  /** Reads a byte outside of strings, and returns the index after what it read, in the same way. */
  #token(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number
    this.at = at
    const isBetween = byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET
    return (isBetween ? this.#between(byte) : this.#character(byte)) ? at + 1 : -1
  }

  /** Reads a byte between values, which also ends a number. */
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

  /** Begins a value with this byte. */
  #begin(byte: number): boolean {
    if (this.#expects !== 'value') return false
    if (this.#depth > 0) this.#expects = 'neither'
    const wanted = this.#listener.begins(this.#depth, byte)
    if (wanted === 'keep') this.#kept = ''
    return wanted !== false
  }

  /**
   * Keeps text. Returns false when a value is too long and no longer wanted. A name of that length is none that is
   * looked for.
   */
  #keep(text: string): boolean {
    this.#kept += text
    if ((this.#kept as string).length <= MAX_KEPT_CHARACTERS) return true
    this.#kept = undefined
    return this.#expects === 'name' || this.#listener.kept(this.#depth, undefined)
  }

  /** Reports a wanted name or value that is whole. */
  #takeKept(): boolean {
    const text = Buffer.from(this.#kept as string, 'latin1').toString('utf8')
    this.#kept = undefined
    if (this.#expects !== 'name') return this.#listener.kept(this.#depth, text)
    this.#expects = 'neither'
    const name = parseJson(text)
    return name !== undefined && this.#listener.named(this.#depth, name as string)
  }
}
