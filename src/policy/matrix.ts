// Makes a table for people of who may use what with which scopes: one line for each way to use each thing that the
// rules name, and for each deny rule that precedes it. It reads rules and makes no decisions.
import type { RouteSettings, RuleEffect, RuleSettings } from '../core/settings.ts'
import type { ApproverSettings } from '../core/settings-approvals.ts'
import type { WhoSettings } from '../core/settings-who.ts'
import { coversSelectors } from './coverage.ts'
import { alternativesOf } from './scope-sets.ts'
import { SELECTOR_KINDS, type SelectorKind, selectorsOf } from './selectors.ts'

export interface MatrixLine {
  readonly route: string
  readonly kind: SelectorKind
  /** A name, a pattern, or `(anything else)`. */
  readonly target: string
  readonly effect: RuleEffect
  /** The callers in words; `everybody` where the rule names none. */
  readonly who: string
  /** The sets of scopes, each of which would do, with the baseline; empty for denials. */
  readonly scopes: readonly (readonly string[])[]
  /** The condition; empty where there is none. */
  readonly when: string
  readonly rule: string
  /** Whether it is a deny or approve rule in `observe`. */
  readonly observed: boolean
  /** Who approves, in words; of an approve rule. */
  readonly approvers?: string
}

export const ANYTHING_ELSE = '(anything else)'

export function matrixOf(route: RouteSettings): readonly MatrixLine[] {
  return SELECTOR_KINDS.flatMap((kind) => [
    ...targetsOf(route.policy.rules, kind).flatMap((target) => linesFor(route, kind, target)),
    ...(route.policy.default === 'allow' ? [lineOfDefault(route, kind)] : []),
  ])
}

/** Returns every name and pattern that a rule names, in file order. */
export function targetsOf(rules: readonly RuleSettings[], kind: SelectorKind): readonly string[] {
  const texts = rules.flatMap((rule) => selectorsOf(rule, kind).patterns.map(({ text }) => text))
  const excepted = rules.flatMap((rule) =>
    selectorsOf(rule, kind).patterns.length === 0
      ? []
      : selectorsOf(rule, kind).except.map(({ text }) => text),
  )
  return [...new Set([...texts, ...excepted])]
}

function linesFor(route: RouteSettings, kind: SelectorKind, target: string): readonly MatrixLine[] {
  const selectors = selectorsOf({ ...NOTHING, [KEYS[kind]]: [target] }, kind)
  const speaking = route.policy.rules.filter((rule) =>
    coversSelectors(exceptItself(rule, kind, target), selectors),
  )
  const observedAll = route.policy.mode === 'observe'
  return speaking.map((rule) => ({
    route: route.name,
    kind,
    target,
    effect: rule.effect,
    who: tellWho(rule.who),
    scopes: rule.effect === 'deny' ? [] : waysIn(route, rule),
    when: rule.when ?? '',
    rule: rule.name,
    observed: observedAll || rule.mode === 'observe',
    ...(rule.approvers ? { approvers: tellApprovers(rule.approvers) } : {}),
  }))
}

const NOTHING = { tools: [], prompts: [], resources: [], except: [] }
const KEYS = { tool: 'tools', prompt: 'prompts', resource: 'resources' } as const

/**
 * Lets the line of a pattern show its rule even where `except` removes a part of the pattern: `except` has lines of its
 * own.
 */
function exceptItself(rule: RuleSettings, kind: SelectorKind, target: string) {
  const selectors = selectorsOf(rule, kind)
  const own = selectors.patterns.some(({ text }) => text === target)
  return own && !selectors.except.some(({ text }) => text === target)
    ? { ...selectors, except: [] }
    : selectors
}

function waysIn({ scopes: baseline }: RouteSettings, { scopes }: RuleSettings) {
  const alternatives = scopes === undefined ? [[]] : (alternativesOf(scopes) ?? [])
  return alternatives.map((set) => [...new Set([...baseline, ...set])])
}

function lineOfDefault(route: RouteSettings, kind: SelectorKind): MatrixLine {
  const { name, scopes, policy } = route
  return {
    route: name,
    kind,
    target: ANYTHING_ELSE,
    effect: 'allow',
    who: tellWho(undefined),
    scopes: [scopes],
    when: '',
    rule: 'default',
    observed: policy.mode === 'observe',
  }
}

function tellWho(who: WhoSettings | undefined): string {
  if (who === undefined) return 'everybody'
  const { subjects, clients, roles, issuers, groups } = who
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['subject', subjects],
    ['client', clients],
    ['role', roles],
    ['issuer', issuers],
    [groups?.claim ?? '', groups?.any],
  ]
  return parts.flatMap(([key, values]) => (values ? `${key} ${values.join(' or ')}` : [])).join(', ')
}

/** `subject ada or grace, or token night-shift`; nobody for a rule that asks for no approval. */
export function tellApprovers(approvers: ApproverSettings | undefined): string {
  if (approvers === undefined) return 'nobody'
  const { tokens, ...people } = approvers
  const isNamed = Object.values(people).some((values) => values !== undefined)
  const holders = tokens === undefined ? [] : [`token ${tokens.join(' or ')}`]
  return [...(isNamed ? [tellWho(people)] : []), ...holders].join(', or ')
}
