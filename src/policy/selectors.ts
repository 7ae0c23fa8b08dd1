// Which rules speak of a target: their selectors match and `except` does not. It weighs neither effects nor
// scopes. The answer depends on the target alone, so it is remembered by the target's name.
import type { Target, TargetKind } from '../core/call.ts'
import type { RuleSettings } from '../core/settings.ts'
import { compileGlob, type Glob } from './glob.ts'
import { templatePrefix } from './uri.ts'

/** What patterns are written for; templates share those of resources. */
export type SelectorKind = Exclude<TargetKind, 'template'>

export interface Selectors {
  readonly patterns: readonly Glob[]
  readonly except: readonly Glob[]
}

const MAX_REMEMBERED_TARGETS = 4_096
/** In UTF-16 code units; longer names are matched each time, so that the memory stays below a few MiB. */
const MAX_REMEMBERED_NAME = 256

export const SELECTOR_KINDS: readonly SelectorKind[] = ['tool', 'prompt', 'resource']

const PATTERNS_KEY = { tool: 'tools', prompt: 'prompts', resource: 'resources' } as const

/** What a rule is about, as the file has it. */
export type Targeting = Pick<RuleSettings, 'tools' | 'prompts' | 'resources' | 'except'>

export function selectorsOf(rule: Targeting, kind: SelectorKind): Selectors {
  const dialect = kind === 'resource' ? 'uri' : 'name'
  const compile = (text: string) => compileGlob(text, dialect)
  return { patterns: rule[PATTERNS_KEY[kind]].map(compile), except: rule.except.map(compile) }
}

/** The rules that speak of a target, in file order. */
export function createRuleIndex<R extends Targeting>(rules: readonly R[]): (target: Target) => readonly R[] {
  const indexFor = (kind: SelectorKind) => indexSelectors(rules.map((rule) => selectorsOf(rule, kind)))
  const byKind = { tool: indexFor('tool'), prompt: indexFor('prompt'), resource: indexFor('resource') }
  return remembered(({ kind, name }) => {
    const found = kind === 'template' ? byKind.resource.template(name) : byKind[kind].plain(name)
    return found.flatMap((index) => rules[index] ?? [])
  })
}

/** Exact names in a map, so that a thousand rules on single tools cost one look-up (M09: a Map, not an object). */
function indexSelectors(selectors: readonly Selectors[]) {
  const exact = new Map<string, number[]>()
  const globs: { readonly glob: Glob; readonly index: number }[] = []
  for (const [index, { patterns }] of selectors.entries()) {
    for (const glob of patterns) {
      if (!glob.literal) globs.push({ glob, index })
      else exact.set(glob.text, [...(exact.get(glob.text) ?? []), index])
    }
  }
  const plain = (name: string): number[] => {
    const found = new Set(exact.get(name))
    for (const { glob, index } of globs) if (!found.has(index) && glob.matches(name)) found.add(index)
    return inFileOrder(found).filter((index) => !selectors[index]?.except.some((glob) => glob.matches(name)))
  }
  const template = (name: string): number[] => {
    const prefix = templatePrefix(name)
    if (prefix === undefined) return plain(name)
    return [...selectors.keys()].filter((index) => selectsTemplate(selectors[index], prefix))
  }
  return { plain, template }
}

function inFileOrder(indexes: Iterable<number>): number[] {
  return [...indexes].sort((a, b) => a - b)
}

/** Some expansion is selected: a pattern can meet the prefix, and `except` does not take all of that away. */
function selectsTemplate(selectors: Selectors | undefined, prefix: string): boolean {
  if (selectors === undefined || selectors.except.some((glob) => glob.coversPrefix(prefix))) return false
  return selectors.patterns.some(
    (pattern) => pattern.meets(prefix) && !selectors.except.some((glob) => glob.covers(pattern)),
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
