// The one strict reader of JSON: bytes → the values that a shape asks for, with their place in the text, in one
// pass. Validates all of RFC 8259, refuses what two parsers could read differently, and builds nothing else:
// the original bytes are what is forwarded. Knows no MCP.
import { isUtf8 } from 'node:buffer'
import { endOfNumber, endOfString, skipSpace, stringAt, wordAt } from './lex.ts'
import { foldName, isUnfit, MemberNames } from './member-names.ts'

/** Nesting of objects and arrays (M31). */
const MAX_DEPTH = 64

/** Which values to keep: of an object the named members, of an array each item. Everything is validated. */
export interface Shape {
  readonly members: ReadonlyMap<string, Shape>
  /** The names above, folded: another name that folds to one of these is refused (contract.md section 7). */
  readonly folded: ReadonlySet<string>
  readonly items: Shape | undefined
}

/** A value of which only the kind and the place matter. */
export const SPAN: Shape = { members: new Map(), folded: new Set(), items: undefined }

export function shapeOf(members: Readonly<Record<string, Shape>>, items?: Shape): Shape {
  const names = Object.keys(members)
  return { members: new Map(Object.entries(members)), folded: new Set(names.map(foldName)), items }
}

export function listOf(items: Shape): Shape {
  return { ...SPAN, items }
}

export interface Value {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  /** Indices into the text, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** The members that the shape named; undefined unless an object with a shape. */
  readonly members: ReadonlyMap<string, Value> | undefined
  readonly items: readonly Value[] | undefined
}

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

/** Stands for every value that no shape asked for. */
const UNKEPT: Value = { kind: 'null', start: 0, end: 0, members: undefined, items: undefined }

/** Of every object whose shape names no member. */
const NO_MEMBERS = new Map<string, Value>()

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
    const keeps = shape !== undefined && shape.members.size > 0
    const members = keeps ? new Map<string, Value>() : NO_MEMBERS
    if (!this.#takes(CLOSE_BRACE)) {
      const names = new MemberNames()
      do {
        this.#space()
        if (!this.#member(names, keeps ? shape : undefined, members)) return undefined
      } while (this.#takes(COMMA))
      if (!this.#takes(CLOSE_BRACE)) return undefined
    }
    if (shape === undefined) return UNKEPT
    return { kind: 'object', start, end: this.#at, members, items: undefined }
  }

  /** `members` is only written to with a shape. */
  #member(names: MemberNames, shape: Shape | undefined, members: Map<string, Value>): boolean {
    const name = this.#name()
    if (name === undefined) return false
    const inner = shape?.members.get(name)
    if (!names.add(name)) this.problem = 'duplicate'
    else if (inner === undefined && shape?.folded.has(foldName(name))) this.problem = 'variant'
    if (this.problem !== 'syntax') return false
    this.#space()
    if (!this.#takes(COLON)) return false
    this.#space()
    const value = this.#value(inner)
    if (value === undefined) return false
    if (inner !== undefined) members.set(name, value)
    this.#space()
    return true
  }

  #name(): string | undefined {
    const start = this.#at
    if (this.#text.charCodeAt(start) !== QUOTE) return undefined
    this.#at = endOfString(this.#text, start)
    if (this.#at < 0) return undefined
    const name = stringAt(this.#text, start, this.#at) // names are compared decoded (M02)
    const escaped = this.#at - start !== name.length + 2
    if (!escaped || !isUnfit(name)) return name
    this.problem = 'name'
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
