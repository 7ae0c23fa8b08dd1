// The one strict reader of JSON: bytes → the values that a shape asks for, with their place in the text, in one
// pass. Validates all of RFC 8259, refuses what two parsers could read differently, and builds nothing else:
// the original bytes are what is forwarded. Knows no MCP.
import { isUtf8 } from 'node:buffer'
import { endOfNumber, endOfString, skipSpace, stringAt, wordAt } from './lex.ts'
import { isUnfit, MemberNames } from './member-names.ts'
import { isVariant, Members, placeOf, type Shape, UNKEPT, type Value } from './shape.ts'

/** Nesting of objects and arrays (M31). */
const MAX_DEPTH = 64

/** `variant`: a name that differs only in case from one the shape names. */
export type Problem = 'encoding' | 'syntax' | 'depth' | 'duplicate' | 'name' | 'variant'

export interface Document {
  readonly text: string
  readonly root: Value
}

/** One JSON document, or the first thing that is wrong with it. */
export function scan(bytes: Buffer, shape: Shape): Document | Problem {
  // RFC 8259 §8.1 (M22 to M24). UTF-16 without a mark is full of NUL, which is a syntax error here.
  if (!isUtf8(bytes) || hasByteOrderMark(bytes)) return 'encoding'
  const text = bytes.toString('utf8')
  const scanner = new Scanner(text)
  const root = scanner.document(shape)
  return root === undefined ? scanner.problem : { text, root }
}

export function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** The text of a string value; undefined for any other value. */
export function textOf(text: string, value: Value | undefined): string | undefined {
  return value?.kind === 'string' ? stringAt(text, value.start, value.end) : undefined
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Methods that return undefined have met the problem. */
class Scanner {
  readonly #text: string
  #at = 0
  #depth = 0
  problem: Problem = 'syntax'

  constructor(text: string) {
    this.#text = text
  }

  document(shape: Shape): Value | undefined {
    this.#space()
    const root = this.#value(shape)
    if (root === undefined) return undefined
    this.#space()
    return this.#at === this.#text.length ? root : undefined
  }

  #value(shape: Shape | undefined): Value | undefined {
    const code = this.#text.charCodeAt(this.#at)
    if (code === QUOTE) return this.#token('string', endOfString(this.#text, this.#at), shape)
    if (code === OPEN_BRACE) return this.#nested(shape, this.#object)
    if (code === OPEN_BRACKET) return this.#nested(shape, this.#array)
    const word = wordAt(this.#text, this.#at)
    if (word !== undefined) return this.#token(word, this.#at + word.length, shape)
    return this.#token('number', endOfNumber(this.#text, this.#at), shape)
  }

  #token(kind: Value['kind'], end: number, shape: Shape | undefined): Value | undefined {
    if (end < 0) return undefined
    const start = this.#at
    this.#at = end
    return shape === undefined ? UNKEPT : { kind, start, end, members: undefined, items: undefined }
  }

  #nested(
    shape: Shape | undefined,
    read: (shape: Shape | undefined, start: number) => Value | undefined,
  ): Value | undefined {
    if (this.#depth === MAX_DEPTH) {
      this.problem = 'depth'
      return undefined
    }
    this.#depth += 1
    const start = this.#at
    this.#at += 1
    this.#space()
    const value = read.call(this, shape, start)
    this.#depth -= 1
    return value
  }

  #object(shape: Shape | undefined, start: number): Value | undefined {
    const members = shape && new Members(shape)
    if (!this.#takes(CLOSE_BRACE)) {
      const others = new MemberNames()
      do {
        this.#space()
        if (!this.#member(shape, members, others)) return undefined
      } while (this.#takes(COMMA))
      if (!this.#takes(CLOSE_BRACE)) return undefined
    }
    if (members === undefined) return UNKEPT
    return { kind: 'object', start, end: this.#at, members, items: undefined }
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

  /** Where the shape keeps the member whose name comes next; -1: nowhere. */
  #name(shape: Shape | undefined, members: Members | undefined, others: MemberNames): number | undefined {
    const start = this.#at
    if (this.#text.charCodeAt(start) !== QUOTE) return undefined
    const end = endOfString(this.#text, start)
    if (end < 0) return undefined
    this.#at = end
    const place = shape === undefined ? -1 : placeOf(shape, this.#text, start + 1, end - 1)
    return place < 0 ? this.#otherName(start, end, shape, members, others) : this.#claim(place, members)
  }

  /** A name that no shape asked for, or one that is spelled with escapes: names are compared decoded (M02). */
  #otherName(
    start: number,
    end: number,
    shape: Shape | undefined,
    members: Members | undefined,
    others: MemberNames,
  ): number | undefined {
    const name = stringAt(this.#text, start, end)
    const escaped = end - start !== name.length + 2
    if (escaped && isUnfit(name)) this.problem = 'name'
    const place = escaped && shape !== undefined ? shape.names.indexOf(name) : -1
    if (place >= 0) return this.#claim(place, members)
    if (!others.add(name)) this.problem = 'duplicate'
    else if (shape !== undefined && isVariant(shape, name)) this.problem = 'variant'
    return this.problem === 'syntax' ? place : undefined
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
        const item = this.#value(shape?.items)
        if (item === undefined) return undefined
        items?.push(item)
        this.#space()
      } while (this.#takes(COMMA))
      if (!this.#takes(CLOSE_BRACKET)) return undefined
    }
    if (shape === undefined) return UNKEPT
    return { kind: 'array', start, end: this.#at, members: undefined, items }
  }

  #takes(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at += 1
    return true
  }

  #space(): void {
    this.#at = skipSpace(this.#text, this.#at)
  }
}
