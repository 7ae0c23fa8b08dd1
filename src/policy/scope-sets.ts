// Turns scope expressions into the sets that satisfy them, and closes granted scopes under `scopes_imply`. It knows no
// rules and makes no decisions.
import type { ScopeExpression } from '../core/scopes.ts'

/** How many minimal sets one expression may have. The file reader checks this limit before anything is compiled. */
export const MAX_ALTERNATIVES = 256

/** The sets that satisfy an expression, none of which contains another; in file order. */
export type Alternatives = readonly (readonly string[])[]

/** Returns undefined when there are more than MAX_ALTERNATIVES. */
export function alternativesOf(expression: ScopeExpression): Alternatives | undefined {
  if (typeof expression === 'string') return [[expression]]
  const members = ('any' in expression ? expression.any : expression.all).map(alternativesOf)
  let sets: Alternatives = 'any' in expression ? [] : [[]]
  for (const member of members) {
    if (member === undefined) return undefined
    const combinations = 'any' in expression ? sets.length + member.length : sets.length * member.length
    if (combinations > MAX_ALTERNATIVES) return undefined
    sets = minimal('any' in expression ? [...sets, ...member] : combined(sets, member))
  }
  return sets
}

function combined(sets: Alternatives, member: Alternatives): Alternatives {
  return sets.flatMap((set) => member.map((more) => [...new Set([...set, ...more])]))
}

function minimal(sets: Alternatives): Alternatives {
  return sets.filter((set, index) => !sets.some((other, at) => makesIdle(other, at, set, index)))
}

function makesIdle(other: readonly string[], at: number, set: readonly string[], index: number): boolean {
  if (at === index || !other.every((scope) => set.includes(scope))) return false
  return other.length < set.length || at < index
}

export function holdsAll(granted: ReadonlySet<string>, needed: readonly string[]): boolean {
  return needed.every((scope) => granted.has(scope))
}

/**
 * Closes granted scopes under what they imply (TOK-14). Scopes in a cycle are equivalent. It is computed once for each
 * token.
 */
export function createClosure(
  implied: ReadonlyMap<string, readonly string[]>,
): (granted: ReadonlySet<string>) => ReadonlySet<string> {
  const known = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>()
  return (granted) => {
    const found = known.get(granted)
    if (found !== undefined) return found
    const closed = new Set(granted)
    // Iterating over a set also visits what is added meanwhile.
    for (const scope of closed) for (const more of implied.get(scope) ?? []) closed.add(more)
    known.set(granted, closed)
    return closed
  }
}
