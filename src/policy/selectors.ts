// Finds the rules that are about a target: their selectors match and `except` does not. It weighs neither effects nor
// scopes. The answer depends on the target alone, so it is remembered by the target's name.
import type { Target, TargetKind } from '../core/call.ts'
import type { RuleSettings } from '../core/settings.ts'
import { compileGlob, type Glob } from './glob.ts'
import { templatePrefix } from './uri.ts'
import { canonicalPattern, readingsOf, withLowerHost } from './uri-pattern.ts'

/** The kinds that patterns are written for; templates share the patterns of resources. */
export type SelectorKind = Exclude<TargetKind, 'template'>

export interface Selectors {
  readonly patterns: readonly Glob[]
  readonly except: readonly Glob[]
}

const MAX_REMEMBERED_TARGETS = 4_096
/** In UTF-16 code units. Longer names are matched each time, so that the memory stays below a few MiB. */
const MAX_REMEMBERED_NAME = 256

export const SELECTOR_KINDS: readonly SelectorKind[] = ['tool', 'prompt', 'resource']

const PATTERNS_KEY = { tool: 'tools', prompt: 'prompts', resource: 'resources' } as const

/** The targets of a rule, as the file has them. */
export type Targeting = Pick<RuleSettings, 'tools' | 'prompts' | 'resources' | 'except'>

/** Returns the patterns in the spelling that is judged: for URIs see uri-pattern.ts; names are in NFC. */
export function selectorsOf(rule: Targeting, kind: SelectorKind): Selectors {
  const isUri = kind === 'resource'
  const compile = (text: string) =>
    isUri ? compileGlob(canonicalPattern(text), 'uri') : compileGlob(text.normalize('NFC'), 'name')
  return { patterns: rule[PATTERNS_KEY[kind]].map(compile), except: rule.except.map(compile) }
}

type Speaking = Targeting & Pick<RuleSettings, 'effect'>

/** Returns the rules that are about a target, in file order. */
export function createRuleIndex<R extends Speaking>(rules: readonly R[]): (target: Target) => readonly R[] {
  const indexFor = (kind: SelectorKind) =>
    indexSelectors(
      rules.map((rule) => readingSelectors(rule, kind)),
      kind === 'resource' ? readingsOf : (name) => [name],
    )
  const byKind = { tool: indexFor('tool'), prompt: indexFor('prompt'), resource: indexFor('resource') }
  return remembered(({ kind, name }) => {
    const found = kind === 'template' ? byKind.resource.template(name) : byKind[kind].plain(name)
    return found.flatMap((index) => rules[index] ?? [])
  })
}

/** Patterns that refuse (those of a deny rule, and `except` of an allow rule) apply to every reading of a URI. */
interface ReadingSelectors extends Selectors {
  readonly denies: boolean
}

function readingSelectors(rule: Speaking, kind: SelectorKind): ReadingSelectors {
  const { patterns, except } = selectorsOf(rule, kind)
  const denies = rule.effect === 'deny'
  if (kind !== 'resource') return { patterns, except, denies }
  return denies
    ? { patterns: patterns.flatMap(withReadings), except, denies }
    : { patterns, except: except.flatMap(withReadings), denies }
}

function withReadings(glob: Glob): readonly Glob[] {
  const lower = withLowerHost(glob.text)
  return lower === glob.text ? [glob] : [glob, compileGlob(lower, 'uri')]
}

type Readings = (name: string) => readonly string[]

/**
 * Puts exact names into a map, so that a thousand rules on single tools cost one look-up (M09: a Map, not an object).
 */
function indexSelectors(selectors: readonly ReadingSelectors[], readings: Readings) {
  const exact = new Map<string, number[]>()
  const globs: { readonly glob: Glob; readonly index: number; readonly denies: boolean }[] = []
  for (const [index, { patterns, denies }] of selectors.entries()) {
    for (const glob of patterns) {
      if (!glob.literal) globs.push({ glob, index, denies })
      else exact.set(glob.text, [...(exact.get(glob.text) ?? []), index])
    }
  }
  const literally = (read: readonly string[]) =>
    read.flatMap((reading, nth) => {
      const named = exact.get(reading) ?? []
      return nth === 0 ? named : named.filter((index) => selectors[index]?.denies)
    })
  const plain = (name: string): number[] => {
    const read = readings(name)
    const found = new Set(literally(read))
    for (const { glob, index, denies } of globs) {
      if (!found.has(index) && matchesAny(glob, denies ? read : [name])) found.add(index)
    }
    return inFileOrder(found).filter((index) => !isExcepted(selectors[index], name, read))
  }
  const template = (name: string): number[] => {
    const prefix = templatePrefix(name)
    if (prefix === undefined) return plain(name)
    return [...selectors.keys()].filter((index) =>
      selectsTemplate(selectors[index], prefix, readings(prefix)),
    )
  }
  return { plain, template }
}

function matchesAny(glob: Glob, names: readonly string[]): boolean {
  return names.some((name) => glob.matches(name))
}

function isExcepted(selectors: ReadingSelectors | undefined, name: string, read: readonly string[]): boolean {
  if (selectors === undefined) return true
  return selectors.except.some((glob) => matchesAny(glob, selectors.denies ? [name] : read))
}

function inFileOrder(indexes: Iterable<number>): number[] {
  return [...indexes].sort((a, b) => a - b)
}

/**
 * Whether some expansion of a template is selected: a pattern can match a text that begins with the prefix, and
 * `except` does not remove all of these. A reading that is shorter than the prefix is complete, whatever the expansion.
 */
function selectsTemplate(
  selectors: ReadingSelectors | undefined,
  prefix: string,
  read: readonly string[],
): boolean {
  if (selectors === undefined) return false
  const { patterns, except, denies } = selectors
  const isWhole = (reading: string) => reading.length < prefix.length
  const covered = denies ? [prefix] : read
  if (
    covered.some((each) =>
      except.some((glob) => (isWhole(each) ? glob.matches(each) : glob.coversPrefix(each))),
    )
  ) {
    return false
  }
  const met = denies ? read : [prefix]
  return patterns.some(
    (pattern) =>
      met.some((each) => (isWhole(each) ? pattern.matches(each) : pattern.meets(each))) &&
      !except.some((glob) => glob.covers(pattern)),
  )
}

function remembered<R>(find: (target: Target) => readonly R[]): (target: Target) => readonly R[] {
  const memory = new Map<string, readonly R[]>()
  return (target) => {
    if (target.name.length > MAX_REMEMBERED_NAME) return find(target)
    const key = `${target.kind} ${target.name}`
    const known = memory.get(key)
    if (known !== undefined) return known
    const found = find(target)
    if (memory.size >= MAX_REMEMBERED_TARGETS) memory.delete(memory.keys().next().value ?? key)
    memory.set(key, found)
    return found
  }
}
