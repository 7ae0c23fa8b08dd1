// Finds what is wrong with one rule alone: whether it can ever apply, whether each of its parts has an effect, and
// whether its scopes can be asked for. config/ checks the shape of a rule (a deny rule has no scopes, scopes are scope
// tokens).
import { type ScopeExpression, scopesNamed } from '../core/scopes.ts'
import type { Finding, RuleSettings } from '../core/settings.ts'
import { compileCondition } from './condition/compile.ts'
import { ConditionError } from './condition/term.ts'
import { VOCABULARY } from './condition/vocabulary.ts'
import { alternativesOf, MAX_ALTERNATIVES } from './scope-sets.ts'
import { SELECTOR_KINDS, selectorsOf } from './selectors.ts'
import { isJudgeableUri } from './uri.ts'

type Path = Finding['path']

export function checkRule(rule: RuleSettings, path: Path): Finding[] {
  return [
    ...checkSpeaks(rule, path),
    ...checkExcept(rule, path),
    ...checkBraces(rule, path),
    ...checkSpelling(rule, path),
    ...(rule.scopes === undefined ? [] : checkScopes(rule.scopes, [...path, 'scopes'])),
    ...(rule.when === undefined ? [] : checkWhen(rule.when, [...path, 'when'])),
  ]
}

function checkSpeaks(rule: RuleSettings, path: Path): Finding[] {
  const speaks = SELECTOR_KINDS.map((kind) => selectorsOf(rule, kind)).some(({ patterns, except }) =>
    patterns.some((pattern) => !except.some((glob) => glob.covers(pattern))),
  )
  if (speaks) return []
  return [{ severity: 'error', path, message: 'never speaks: `except` takes away everything that it names' }]
}

function checkExcept(rule: RuleSettings, path: Path): Finding[] {
  const kinds = SELECTOR_KINDS.map((kind) => selectorsOf(rule, kind))
  return rule.except.flatMap((text, index): Finding[] => {
    const useful = kinds.some(({ patterns, except }) =>
      patterns.some((glob) => except[index]?.overlaps(glob)),
    )
    if (useful) return []
    const message = `takes nothing away: the rule does not name \`${text}\``
    return [{ severity: 'warning', path: [...path, 'except', index], message }]
  })
}

function checkBraces(rule: RuleSettings, path: Path): Finding[] {
  return rule.resources.flatMap((text, index): Finding[] => {
    if (!text.includes('{')) return []
    const message =
      'a `{` in a pattern stands for itself, so no expansion of this template matches; write `*`'
    return [{ severity: 'warning', path: [...path, 'resources', index], message }]
  })
}

/** Texts in place of a wildcard, to see whether any URI of the pattern is judged at all. */
const FILLERS = ['x', '/x', '1', '']

/** Checks patterns of the rule's own kinds. A pattern of `except` that removes nothing is a finding. */
function checkSpelling(rule: RuleSettings, path: Path): Finding[] {
  const { patterns } = selectorsOf(rule, 'resource')
  return patterns.flatMap(({ text }, index): Finding[] => {
    if (FILLERS.some((filler) => isJudgeableUri(text.replace(/\*+/g, filler)))) return []
    const message =
      'never matches: a URI with a user, an empty or default port, a needless escape or slash, or an `http:` URL without a path is always denied'
    return [{ severity: 'error', path: [...path, 'resources', index], message }]
  })
}

export function checkScopes(scopes: ScopeExpression, path: Path): Finding[] {
  if (alternativesOf(scopes) === undefined) {
    const message = `more than ${MAX_ALTERNATIVES} sets of scopes would satisfy this; split the rule or nest less`
    return [{ severity: 'error', path, message }]
  }
  if (!scopesNamed(scopes).includes('offline_access')) return []
  const message = '`offline_access` is never asked for in a challenge, so a caller without it cannot step up'
  return [{ severity: 'warning', path, message }]
}

/** Finds a condition that cannot be read, names something unknown, or mixes types, so that it never denies silently. */
function checkWhen(when: string, path: Path): Finding[] {
  try {
    compileCondition(when, VOCABULARY)
    return []
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    const { message, start, end } = error
    return [{ severity: 'error', path, message, within: { start, end } }]
  }
}
