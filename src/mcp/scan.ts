// The one strict reader of JSON: bytes → the values that a shape asks for, with their place in the text, in one pass.
// It validates all of RFC 8259, refuses what two parsers could read differently, and builds nothing else: the original
// bytes are forwarded. It knows no MCP.
import { isAscii, isUtf8 } from 'node:buffer'
import { endOfNumber, endOfString, skipSpace, wordAt } from './lex.ts'
import { isUnfit, MemberNames } from './member-names.ts'
import { isVariant, Members, memberIndexOf, type Shape, UNKEPT, type Value } from './shape.ts'
import { type Source, stringAt } from './source.ts'

/** How deep objects and arrays may nest (M31). */
const MAX_DEPTH = 64

/**
 * How many names and values a document may have: checking one, above all a name, costs far more than reading its bytes.
 */
export interface Counts {
  readonly maxValues: number
  /** Names of members, over all objects. */
  readonly maxNames: number
}

/** `variant`: a name that differs only in case from one that the shape names. `count`: more than the counts allow. */
export type ScanProblem = 'encoding' | 'syntax' | 'depth' | 'duplicate' | 'name' | 'variant' | 'count'

export interface Document {
  readonly source: Source
  readonly root: Value
}

/** Returns one JSON document, or the first thing that is wrong with it. */
export function scan(bytes: Buffer, shape: Shape, counts: Counts): Document | ScanProblem {
  // RFC 8259 §8.1 (M22 to M24). UTF-16 without a mark is full of NUL, which is a syntax error here.
  const ascii = isAscii(bytes)
  if (!ascii && (!isUtf8(bytes) || hasByteOrderMark(bytes))) return 'encoding'
  const source = { bytes, latin1: bytes.toString('latin1'), ascii }
  const scanner = new Scanner(source, counts)
  const root = scanner.document(shape)
  return root === undefined ? scanner.problem : { source, root }
}

export function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Its methods return undefined when they have met the problem. */
class Scanner {
  readonly #source: Source
  readonly #bytes: Buffer
  /** The names of each object that is open, by its depth. */
  readonly #open: MemberNames[] = []
  #at = 0
  #depth = 0
  #valuesLeft: number
  #namesLeft: number
  problem: ScanProblem = 'syntax'

  constructor(source: Source, { maxValues, maxNames }: Counts) {
    this.#source = source
    this.#bytes = source.bytes
    this.#valuesLeft = maxValues
    this.#namesLeft = maxNames
  }

  document(shape: Shape): Value | undefined {
    this.#space()
    const root = this.#value(shape)
    if (root === undefined) return undefined
    this.#space()
    return this.#at === this.#bytes.length ? root : undefined
  }

  #value(shape: Shape | undefined): Value | undefined {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) return this.#tooMany()
    const byte = this.#bytes[this.#at]
    if (byte === QUOTE) return this.#token('string', endOfString(this.#bytes, this.#at), shape)
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#nested(shape, byte)
    const word = wordAt(this.#bytes, this.#at)
    if (word !== undefined) return this.#token(word, this.#at + word.length, shape)
    return this.#token('number', endOfNumber(this.#bytes, this.#at), shape)
  }

  #token(kind: Value['kind'], end: number, shape: Shape | undefined): Value | undefined {
    if (end < 0) return undefined
    const start = this.#at
    this.#at = end
    return shape === undefined ? UNKEPT : { kind, start, end, members: undefined, items: undefined }
  }

  #nested(shape: Shape | undefined, opening: number): Value | undefined {
    if (this.#depth === MAX_DEPTH) {
      this.problem = 'depth'
      return undefined
    }
    this.#depth += 1
    const start = this.#at
    this.#at += 1
    this.#space()
    const value = opening === OPEN_BRACE ? this.#object(shape, start) : this.#array(shape, start)
    this.#depth -= 1
    return value
  }

  #object(shape: Shape | undefined, start: number): Value | undefined {
    const members = shape && new Members(shape)
    if (!this.#takes(CLOSE_BRACE)) {
      const others = this.#namesOfThis()
      do {
        this.#space()
        if (!this.#member(shape, members, others)) return undefined
      } while (this.#takes(COMMA))
      if (!this.#takes(CLOSE_BRACE)) return undefined
    }
    if (members === undefined) return UNKEPT
    return { kind: 'object', start, end: this.#at, members, items: undefined }
  }

  #namesOfThis(): MemberNames {
    const names = this.#open[this.#depth] ?? new MemberNames()
    this.#open[this.#depth] = names
    names.clear()
    return names
  }

  #tooMany(): undefined {
    this.problem = 'count'
    return undefined
  }

  #member(shape: Shape | undefined, members: Members | undefined, others: MemberNames): boolean {
    const place = this.#name(shape, members, others)
    if (place === undefined) return false
    this.#space()
    if (!this.#takes(COLON)) return false
    this.#space()
    const value = this.#value(place < 0 ? undefined : shape?.shapes[place])
    if (value === undefined) return false
    if (place >= 0) members?.set(place, value)
    this.#space()
    return true
  }

  /** Returns where the shape keeps the member whose name comes next; -1 when it does not. */
  #name(shape: Shape | undefined, members: Members | undefined, others: MemberNames): number | undefined {
    const start = this.#at
    if (this.#bytes[start] !== QUOTE) return undefined
    this.#namesLeft -= 1
    if (this.#namesLeft < 0) return this.#tooMany()
    const end = endOfString(this.#bytes, start)
    if (end < 0) return undefined
    this.#at = end
    const place = shape === undefined ? -1 : memberIndexOf(shape, this.#bytes, start + 1, end - 1)
    return place < 0 ? this.#otherName(start, end, shape, members, others) : this.#claim(place, members)
  }

  /** Reads a name that no shape asked for, or one with escapes: names are compared decoded (M02). */
  #otherName(
    start: number,
    end: number,
    shape: Shape | undefined,
    members: Members | undefined,
    others: MemberNames,
  ): number | undefined {
    const written = this.#source.latin1.slice(start + 1, end - 1)
    const escaped = written.includes('\\')
    const name = escaped || shape !== undefined ? stringAt(this.#source, start, end) : written
    if (escaped && isUnfit(name)) this.problem = 'name'
    const place = escaped && shape !== undefined ? shape.names.indexOf(name) : -1
    if (place >= 0) return this.#claim(place, members)
    if (!others.add(escaped ? this.#asWritten(name) : written)) this.problem = 'duplicate'
    else if (shape !== undefined && isVariant(shape, name)) this.problem = 'variant'
    return this.problem === 'syntax' ? place : undefined
  }

  /**
   * Returns a name as it is written in latin1 without escapes. In an ASCII document no name is written beyond ASCII, so
   * none needs this.
   */
  #asWritten(name: string): string {
    return this.#source.ascii ? name : Buffer.from(name).toString('latin1')
  }

  #claim(place: number, members: Members | undefined): number | undefined {
    if (members?.claim(place)) return place
    this.problem = 'duplicate'
    return undefined
  }

  #array(shape: Shape | undefined, start: number): Value | undefined {
    const items: Value[] | undefined = shape?.items === undefined ? undefined : []
    if (!this.#takes(CLOSE_BRACKET)) {
      do {
        this.#space()
        if (!this.#item(shape, items)) return undefined
        this.#space()
      } while (this.#takes(COMMA))
      if (!this.#takes(CLOSE_BRACKET)) return undefined
    }
    if (shape === undefined) return UNKEPT
    return { kind: 'array', start, end: this.#at, members: undefined, items }
  }

  /** Reads an item, and keeps it while there is room. */
  #item(shape: Shape | undefined, items: Value[] | undefined): boolean {
    const kept = shape !== undefined && items !== undefined && items.length < shape.itemsKept
    const item = this.#value(kept ? shape.items : undefined)
    if (kept && item !== undefined) items.push(item)
    return item !== undefined
  }

  #takes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at += 1
    return true
  }

  #space(): void {
    this.#at = skipSpace(this.#bytes, this.#at)
  }
}
