import { describe, expect, it } from 'vitest'
import type { ScopeExpression } from '../../src/core/scopes.ts'
import { alternativesOf, createClosure, MAX_ALTERNATIVES } from '../../src/policy/scope-sets.ts'

describe('CHL-10: the minimal sets that satisfy an expression', () => {
  const cases: readonly [expression: ScopeExpression, sets: readonly (readonly string[])[]][] = [
    ['a', [['a']]],
    [{ any: ['a', 'b'] }, [['a'], ['b']]],
    [{ all: ['a', 'b'] }, [['a', 'b']]],
    [{ all: ['a', 'a'] }, [['a']]],
    [{ any: ['b', { all: ['a', 'b'] }] }, [['b']]],
    [{ any: [{ all: ['a', 'b'] }, 'b'] }, [['b']]],
    [{ any: ['a', 'b', 'a'] }, [['a'], ['b']]],
    [{ any: [{ all: ['a', 'b'] }, 'c'] }, [['a', 'b'], ['c']]],
    [
      { all: [{ any: ['a', 'b'] }, 'c'] },
      [
        ['a', 'c'],
        ['b', 'c'],
      ],
    ],
    [{ all: [{ any: ['a', 'b'] }, { any: ['b', 'c'] }] }, [['a', 'c'], ['b']]],
    [{ any: ['x', { all: ['y', { any: ['z', 'w'] }] }] }, [['x'], ['y', 'z'], ['y', 'w']]],
  ]
  it.each(cases)('%j', (expression, sets) => {
    expect(alternativesOf(expression)).toEqual(sets)
  })

  const pairs = (count: number): ScopeExpression => ({
    all: Array.from({ length: count }, (_, index) => ({ any: [`a${index}`, `b${index}`] })),
  })
  it('is bounded', () => {
    expect(alternativesOf(pairs(8))).toHaveLength(MAX_ALTERNATIVES)
    expect(alternativesOf(pairs(9))).toBeUndefined()
    expect(alternativesOf({ any: ['x', pairs(60)] })).toBeUndefined()
    expect(alternativesOf({ any: Array.from({ length: 257 }, (_, index) => `s${index}`) })).toBeUndefined()
  })
})

describe('TOK-14: granted scopes are closed under scopes_imply', () => {
  const closed = createClosure(
    new Map([
      ['admin', ['write']],
      ['write', ['read']],
      ['left', ['right']],
      ['right', ['left']],
      ['__proto__', ['proto']],
    ]),
  )
  const cases: readonly [granted: readonly string[], all: readonly string[]][] = [
    [[], []],
    [['read'], ['read']],
    [['admin'], ['admin', 'write', 'read']],
    [['right'], ['right', 'left']],
    [['constructor'], ['constructor']],
    [['__proto__'], ['__proto__', 'proto']],
  ]
  it.each(cases)('%j', (granted, all) => {
    expect([...closed(new Set(granted))]).toEqual(all)
  })

  it('is computed once per set and leaves the set alone', () => {
    const granted = new Set(['admin'])
    expect(closed(granted)).toBe(closed(granted))
    expect([...granted]).toEqual(['admin'])
  })
})
