// Patterns of tool and prompt names and of resource URIs: matching, and the questions that the checks ask about two
// patterns. Matching reads a text once for each literal of the pattern (runs.ts). A question about two patterns takes
// time proportional to the product of their lengths. Nothing backtracks. Bytes are compared exactly (SCP-07, M08);
// nothing is normalised, trimmed or case-folded.
import { canFollow, followEachOther, type Run } from './runs.ts'

/** In names `*` crosses everything; in URIs it stops at `/` and `**` does not. All else is literal. */
export type Dialect = 'name' | 'uri'

export interface Glob {
  readonly text: string
  readonly literal: boolean
  matches(text: string): boolean
  /** Whether some text that begins with `prefix` matches. */
  meets(prefix: string): boolean
  /** Whether every text that begins with `prefix` matches. False when in doubt. */
  coversPrefix(prefix: string): boolean
  /** Whether everything that `other` matches matches here too. False when in doubt. */
  covers(other: Glob): boolean
  /** Whether some text matches both. */
  overlaps(other: Glob): boolean
  tokens(): Tokens
}

/** A pattern as UTF-16 code units, with the two wildcards as negative numbers. */
type Tokens = readonly number[]

const WITHIN = -1 // any text without `/`
const ACROSS = -2 // any text
const SLASH = 0x2f

export function compileGlob(text: string, dialect: Dialect): Glob {
  const literal = !text.includes('*')
  let tokens: Tokens | undefined // made when a question about two patterns needs them
  const tokensOf = () => {
    tokens ??= tokenize(text, dialect)
    return tokens
  }
  const head = literal ? text : text.slice(0, text.indexOf('*'))
  const tail = literal ? '' : text.slice(text.lastIndexOf('*') + 1)
  const { runs, across } = runsBetween(text, dialect)
  const least = text.replaceAll('*', '').length

  const matches = (candidate: string): boolean => {
    if (literal) return candidate === text
    if (candidate.length < least || !candidate.startsWith(head) || !candidate.endsWith(tail)) return false
    return followEachOther(candidate, runs, { from: head.length, to: candidate.length - tail.length, across })
  }
  const meets = (prefix: string): boolean => {
    if (literal || prefix.length <= head.length) return head.startsWith(prefix)
    return prefix.startsWith(head) && canFollow(prefix, [...runs, { literal: tail, across }], head.length)
  }
  const coversPrefix = (prefix: string): boolean => !literal && across && tail === '' && matches(prefix)
  const covers = (other: Glob): boolean => {
    if (literal || other.literal) return other.literal && matches(other.text)
    return other.text.startsWith(head) && accepts(tokensOf(), other.tokens())
  }
  const overlaps = (other: Glob): boolean => {
    if (other.literal) return matches(other.text)
    return literal ? other.matches(text) : intersect(tokensOf(), other.tokens())
  }
  return { text, literal, matches, meets, coversPrefix, covers, overlaps, tokens: tokensOf }
}

/** Returns the literals between the first wildcard of a pattern and its last, and whether the last one crosses `/`. */
function runsBetween(
  text: string,
  dialect: Dialect,
): { readonly runs: readonly Run[]; readonly across: boolean } {
  const wildcards = (text.match(/\*+/g) ?? []).map((wildcard) => dialect === 'name' || wildcard !== '*')
  const between = text.split(/\*+/).slice(1, -1)
  const runs = between.map((literal, index) => ({ literal, across: wildcards[index] === true }))
  return { runs, across: wildcards.at(-1) === true }
}

function tokenize(text: string, dialect: Dialect): Tokens {
  const runs = text.match(/\*+|[^*]+/g) ?? []
  return runs.flatMap((run) => {
    if (!run.startsWith('*')) return codeUnits(run)
    return [dialect === 'uri' && run === '*' ? WITHIN : ACROSS]
  })
}

function codeUnits(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}

/**
 * Whether a pattern accepts symbols: the code units of a text, or the tokens of another pattern, whose wildcards stand
 * for any text that they match.
 */
function accepts(tokens: Tokens, symbols: Tokens): boolean {
  return advance(tokens, symbols)[tokens.length] === 1
}

/** Follows all positions in the pattern at once: `reached[j]` says that its first `j` tokens fit the symbols so far. */
function advance(tokens: Tokens, symbols: Tokens): Uint8Array {
  const reached = new Uint8Array(tokens.length + 1)
  reached[0] = 1
  skipWildcards(tokens, reached)
  let first = 0 // no earlier position is reached any more
  for (const symbol of symbols) {
    for (let j = tokens.length; j >= first; j--) {
      const stays = reached[j] === 1 && takes(tokens[j], symbol)
      const comes = j > 0 && reached[j - 1] === 1 && symbol >= 0 && tokens[j - 1] === symbol
      reached[j] = stays || comes ? 1 : 0
    }
    while (first <= tokens.length && reached[first] === 0) first += 1
    if (first > tokens.length) break
    skipWildcards(tokens, reached)
  }
  return reached
}

/** Skips wildcards, since a wildcard may match the empty text. */
function skipWildcards(tokens: Tokens, reached: Uint8Array): void {
  for (let j = 0; j < tokens.length; j++) {
    if (reached[j] === 1 && (tokens[j] ?? 0) < 0) reached[j + 1] = 1
  }
}

/** Whether a wildcard may match this symbol too. */
function takes(wildcard: number | undefined, symbol: number): boolean {
  if (wildcard === ACROSS) return true
  return wildcard === WITHIN && symbol !== SLASH && symbol !== ACROSS
}

/**
 * Whether some text matches both patterns. It walks both at once; a wildcard of either side takes tokens of the other.
 */
function intersect(one: Tokens, other: Tokens): boolean {
  let row: boolean[] = []
  for (let i = one.length; i >= 0; i--) {
    const below = row
    row = new Array<boolean>(other.length + 1).fill(false)
    for (let j = other.length; j >= 0; j--) {
      row[j] = i === one.length && j === other.length ? true : meet(one[i], other[j], below, row, j)
    }
  }
  return row[0] === true
}

function meet(
  a: number | undefined,
  b: number | undefined,
  below: readonly boolean[],
  row: readonly boolean[],
  j: number,
): boolean {
  const right = row[j + 1] === true
  const down = below[j] === true
  if (a !== undefined && a < 0 && (down || (b !== undefined && right && passes(a, b)))) return true
  if (b !== undefined && b < 0 && (right || (a !== undefined && down && passes(b, a)))) return true
  return a !== undefined && a === b && below[j + 1] === true
}

/**
 * Whether the wildcard can match this token of the other pattern. A wildcard of the other pattern may then match the
 * empty text.
 */
function passes(wildcard: number, token: number): boolean {
  return token < 0 || takes(wildcard, token)
}
