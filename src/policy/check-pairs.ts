// Finds rules that stand in each other's way: shadowed ones, and broad ones that open what a narrower one protects
// (docs/decisions.md, 9). check-rule.ts finds what is wrong with one rule alone.
import type { Finding } from '../core/settings.ts'
import { coversTargets, coversTerms, impliesScopes, type RuleReach } from './coverage.ts'
import { createClosure } from './scope-sets.ts'

/** How many rules a message names before it counts the rest. */
const NAMED_RULES = 3

type Path = Finding['path']

export interface PairOptions {
  readonly reaches: readonly RuleReach[]
  readonly baseline: readonly string[]
  readonly scopesImply: ReadonlyMap<string, readonly string[]>
  /** The path of the list of rules. */
  readonly path: Path
}

/** Each finding points at the rule that should change. */
export function checkPairs({ reaches, baseline, scopesImply, path }: PairOptions): Finding[] {
  const closed = createClosure(scopesImply)
  const implies = (strict: RuleReach, lax: RuleReach) => impliesScopes(strict, lax, closed, baseline)
  const allows = reaches.filter(({ rule }) => rule.effect === 'allow')
  const approves = reaches.filter(({ rule }) => rule.effect === 'approve')
  const denies = reaches.filter(({ rule }) => rule.effect === 'deny')
  return [
    ...[...allows, ...approves].flatMap((narrow) => checkDenied(narrow, denies, path)),
    ...allows.flatMap((narrow) => checkGuarded(narrow, approves, path)),
    ...allows.flatMap((narrow) => checkShadowed(narrow, allows, implies, path)),
    ...allows.flatMap((broad) => checkBroad(broad, allows, implies, path)),
  ]
}

type Implies = (strict: RuleReach, lax: RuleReach) => boolean

function checkDenied(narrow: RuleReach, denies: readonly RuleReach[], path: Path): Finding[] {
  const deny = denies.find(
    (candidate) =>
      candidate.rule.mode === 'enforce' && coversTerms(candidate, narrow) && coversTargets(candidate, narrow),
  )
  if (deny === undefined) return []
  const message = `never allows anything: the deny rule \`${deny.rule.name}\` covers all of its targets; remove one of them`
  return [{ severity: 'error', path: [...path, narrow.index], message }]
}

/** Finds allow rules that never speak, because an approve rule speaks of everything that they are about. */
function checkGuarded(narrow: RuleReach, approves: readonly RuleReach[], path: Path): Finding[] {
  const guard = approves.find(
    (candidate) =>
      candidate.rule.mode === 'enforce' && coversTerms(candidate, narrow) && coversTargets(candidate, narrow),
  )
  if (guard === undefined) return []
  const message = `never allows anything by itself: the approve rule \`${guard.rule.name}\` covers all of its targets, and opens them once approved; remove one of them`
  return [{ severity: 'error', path: [...path, narrow.index], message }]
}

/** Finds shadowed rules. Where two rules say the same, the later one is shadowed. */
function checkShadowed(
  narrow: RuleReach,
  allows: readonly RuleReach[],
  implies: Implies,
  path: Path,
): Finding[] {
  const makesIdle = (broad: RuleReach, other: RuleReach) =>
    !broad.rule.requireActive &&
    coversTerms(broad, other) &&
    coversTargets(broad, other) &&
    implies(other, broad)
  const shadow = allows.find(
    (broad) =>
      broad !== narrow &&
      makesIdle(broad, narrow) &&
      (broad.index < narrow.index || !makesIdle(narrow, broad)),
  )
  if (shadow === undefined) return []
  const name = shadow.rule.name
  const message = `shadowed by rule \`${name}\`, which allows the same for scopes that this one asks for anyway; remove it, or name its targets under \`except\` of \`${name}\``
  return [{ severity: 'error', path: [...path, narrow.index], message }]
}

function checkBroad(broad: RuleReach, allows: readonly RuleReach[], implies: Implies, path: Path): Finding[] {
  const opened = allows.filter(
    (narrow) =>
      narrow !== broad &&
      coversTerms(broad, narrow) &&
      coversTargets(broad, narrow) &&
      !coversTargets(narrow, broad) &&
      !implies(narrow, broad) &&
      !implies(broad, narrow),
  )
  if (opened.length === 0) return []
  const names = opened.slice(0, NAMED_RULES).map(({ rule }) => `\`${rule.name}\``)
  const more = opened.length > NAMED_RULES ? ` and ${opened.length - NAMED_RULES} more` : ''
  const message = `its scopes also open what ${names.join(', ')}${more} protects with other scopes; name those targets under \`except\` unless that is meant`
  return [{ severity: 'warning', path: [...path, broad.index], message }]
}
