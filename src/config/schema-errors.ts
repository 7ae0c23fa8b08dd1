// What the schema found, in words for the person who wrote the file: what was expected, what stands there, how to put
// it right. It repeats a value only if that is a word of our own vocabulary.
import type { z } from 'zod'
import { Secret } from '../core/secret.ts'
import type { Path } from './expansion-sites.ts'
import { knownKeys } from './known-keys.ts'
import { isReservedWord } from './reserved-words.ts'
import { didYouMean } from './suggest.ts'
import { UNREADABLE } from './values.ts'

export interface SchemaError {
  readonly path: Path
  /** Whether the key or its value is to be underlined. */
  readonly at: 'key' | 'value'
  readonly kind: 'unknown' | 'missing' | 'wrong'
  readonly message: string
}

type Issue = z.core.$ZodIssue

export function toSchemaErrors(issues: readonly Issue[], root: unknown): SchemaError[] {
  return issues.flatMap((issue) => schemaErrorsOf(issue, issue.path as Path, root))
}

function schemaErrorsOf(issue: Issue, path: Path, root: unknown): SchemaError[] {
  const value = valueAt(root, path)
  if (value === UNREADABLE) return []
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  if (value === undefined) return [missingKey(path, issue)]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionErrors(issue, path, root)
  if (issue.code === 'invalid_key') return [{ path, at: 'key', kind: 'wrong', message: firstMessage(issue) }]
  return [{ path, at: 'value', kind: 'wrong', message: wordsFor(issue, value) }]
}

function unknownKey(path: Path, key: string): SchemaError {
  return { path: [...path, key], at: 'key', kind: 'unknown', message: wordsForKey(path, key) }
}

function wordsForKey(path: Path, key: string): string {
  const known = knownKeys(path)
  if (known.includes(key)) return `"${key}" does not go together with the other keys here`
  return `unknown key "${key}"${didYouMean(key, known)}`
}

function missingKey(path: Path, issue: Issue): SchemaError {
  const hint = issue.message.startsWith('expected ') ? `; ${issue.message}` : ''
  return {
    path,
    at: 'key',
    kind: 'missing',
    message: `missing key "${String(path.at(-1) ?? 'public_url')}"${hint}`,
  }
}

/**
 * The union's own words, where it has some and the value as a whole is wrong. Else the branch that the author meant: among
 * those whose outermost type fits, the one with the fewest faults.
 */
function unionErrors(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): SchemaError[] {
  const isAtTop = issue.errors.flat().every((inner) => inner.path.length === 0)
  if (isAtTop && issue.message.startsWith('expected ')) {
    const message = `${issue.message}, found ${kindOf(valueAt(root, path))}`
    return [{ path, at: 'value', kind: 'wrong', message }]
  }
  const fitting = issue.errors.filter((branch) => !branch.some(isWrongAtTop))
  const [meant] = fitting.sort((one, other) => countFaults(one) - countFaults(other))
  if (meant !== undefined) {
    return meant.flatMap((inner) => schemaErrorsOf(inner, [...path, ...(inner.path as Path)], root))
  }
  const kinds = [...new Set(issue.errors.flat().filter(isWrongAtTop).map(expectedKind))]
  const message = `expected ${kinds.join(' or ')}, found ${kindOf(valueAt(root, path))}`
  return [{ path, at: 'value', kind: 'wrong', message }]
}

function countFaults(branch: readonly Issue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

function isWrongAtTop(issue: Issue): boolean {
  if (issue.path.length > 0) return false
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isWrongAtTop))
  return issue.code === 'invalid_type'
}

function expectedKind(issue: Issue): string {
  return issue.code === 'invalid_type' ? (KINDS[issue.expected] ?? issue.expected) : 'a list or a map'
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

function wordsFor(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = issue.message.startsWith('expected ')
        ? issue.message
        : `expected ${expectedKind(issue)}`
      const quotes = expected === 'expected text' && isPlain(value) ? '; put it in quotes' : ''
      return `${expected}, found ${kindOf(value)}${quotes}`
    }
    case 'invalid_value':
      return oneOf(issue.values.map(String), value)
    case 'invalid_union':
      return oneOf(modesAt(issue), value)
    case 'too_small':
      return SMALL[issue.origin] ?? `expected at least ${issue.minimum}`
    case 'too_big':
      return `expected at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`
    default:
      return issue.message
  }
}

const SMALL: Readonly<Record<string, string>> = {
  array: 'an empty list says nothing; name at least one, or leave the key out',
  string: 'this may not be empty',
}

/** The words that a discriminated union branches on. */
function modesAt(issue: z.core.$ZodIssueInvalidUnion): string[] {
  return 'options' in issue && Array.isArray(issue.options)
    ? issue.options.flatMap((word) => (word === undefined ? [] : String(word)))
    : []
}

function oneOf(words: readonly string[], value: unknown): string {
  if (isReservedWord(value))
    return `"${String(value)}" arrives in a later version; expected one of ${words.join(', ')}`
  if (typeof value !== 'string') return `expected one of ${words.join(', ')}, found ${kindOf(value)}`
  return `expected one of ${words.join(', ')}${didYouMean(value, words)}`
}

function firstMessage(issue: z.core.$ZodIssueInvalidKey): string {
  return issue.issues[0]?.message ?? 'this key is not allowed here'
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value === null
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Secret || typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'object' ? 'a map' : 'a number'
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string | number, unknown>>)[step]
  }
  return value
}
