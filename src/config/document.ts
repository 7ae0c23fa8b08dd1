// Text → YAML document, or what is wrong with the text. Only the plain core of YAML 1.2 is taken: one document, no
// directives, no invisible characters. What the values mean is decided elsewhere.
import { type Document, parseDocument, type YAMLError } from 'yaml'
import type { Range } from './problem.ts'

export interface Flaw {
  readonly range: Range
  readonly message: string
}

export interface Parsed {
  readonly document: Document.Parsed
  /** A tree exists in spite of these; each is an error. */
  readonly flaws: readonly Flaw[]
  /** False when the tree is not to be trusted at all. */
  readonly usable: boolean
}

/**
 * Y10: characters that a reader cannot see or takes for others: BOM, no-break space, NEL, line and paragraph
 * separators, zero-width and bidirectional controls, and every C0/C1 control but tab, line feed, carriage return.
 */
const INVISIBLE =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]/g
const BARE_RETURN = /\r(?!\n)/g
/** Y07: `%YAML 1.1` would turn `yes` into a boolean and `010` into eight. */
const DIRECTIVE = /^%.*$/gm

export function parseText(text: string): Parsed {
  const flaws = [...invisible(text), ...directives(text)]
  const document = parseDocument(text, { version: '1.2', schema: 'core', strict: true, prettyErrors: false })
  const syntax = document.errors.map((error) => toFlaw(text, error))
  const fatal = document.errors.some((error) => error.code !== 'DUPLICATE_KEY')
  return { document, flaws: [...flaws, ...syntax], usable: !fatal && flaws.length === 0 }
}

function invisible(text: string): Flaw[] {
  const found = [...text.matchAll(INVISIBLE), ...text.matchAll(BARE_RETURN)]
  return found.map((match) => {
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const message = `invisible character U+${code}; remove it or write a plain space`
    return { range: { start: match.index, end: match.index + 1 }, message }
  })
}

function directives(text: string): Flaw[] {
  return [...text.matchAll(DIRECTIVE)].map((match) => ({
    range: { start: match.index, end: match.index + match[0].length },
    message: 'YAML directives are not allowed; remove this line',
  }))
}

function toFlaw(text: string, error: YAMLError): Flaw {
  const [start, end] = error.pos
  if (error.code === 'DUPLICATE_KEY') return { range: wholeKey(text, start), message: duplicate(text, start) }
  if (error.code === 'MULTIPLE_DOCS') {
    return {
      range: { start, end: start + 3 },
      message: 'a second document begins here; the file must be one document',
    }
  }
  const hint = error.code === 'BAD_ALIAS' ? '; a pattern that begins with * stands in quotes' : ''
  return { range: { start, end }, message: lowerFirst(error.message) + hint }
}

function wholeKey(text: string, start: number): Range {
  const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]+)/.exec(text.slice(start))?.[0] ?? ''
  return { start, end: start + Math.max(1, key.trimEnd().length) }
}

function duplicate(text: string, start: number): string {
  const { end } = wholeKey(text, start)
  const key = text.slice(start, end).replace(/^["']|["']$/g, '')
  return `duplicate key "${key}"; each key may stand once`
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}
