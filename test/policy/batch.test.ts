// Decision 4: a batch, or a call that names several things, is decided as a whole.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { AROUND, callOf, compiled, holder, rule, tool } from './policies.ts'

const policy = compiled(
  {
    rules: [
      rule('a', { tools: ['a'], scopes: { any: ['a'] } }),
      rule('b', { tools: ['b'], scopes: { any: ['b'] } }),
      rule('live', { tools: ['live'], scopes: { any: ['a'] }, requireActive: true }),
      rule('no', { effect: 'deny', tools: ['no'], denial: 'in_band' }),
    ],
  },
  ['base'],
)
const list = callOf('tools/list')

describe('M17: every member of a batch is decided before any is sent', () => {
  const forbidden = (name: string, denial: string) => ({ reason: 'call_forbidden', rule: name, denial })
  const cases: readonly [
    what: string,
    scopes: string[],
    calls: readonly Call[],
    rule: string,
    refusal: unknown,
  ][] = [
    ['all allowed', ['base', 'a'], [list, tool('a')], 'baseline', undefined],
    ['denied last', ['base', 'a'], [tool('a'), tool('no')], 'no', forbidden('no', 'in_band')],
    ['denied after missing', ['base'], [tool('a'), tool('x')], 'default', forbidden('default', 'http')],
    ['denied before missing', ['base'], [tool('x'), tool('a')], 'default', forbidden('default', 'http')],
    [
      'unknown method',
      ['base'],
      [tool('a'), callOf('x/y')],
      'methods',
      { reason: 'method_unknown', method: 'x/y', era: 'legacy' },
    ],
    [
      'one challenge with the union',
      [],
      [tool('b'), tool('a'), list],
      'b',
      { reason: 'scope_missing', rule: 'b', missing: ['a', 'b', 'base'], challenge: ['a', 'b', 'base'] },
    ],
    [
      'what other members use stays in the challenge',
      ['base', 'a', 'foreign'],
      [tool('a'), tool('b')],
      'b',
      { reason: 'scope_missing', rule: 'b', missing: ['b'], challenge: ['a', 'b', 'base'] },
    ],
  ]
  it.each(cases)('%s', (_what, scopes, calls, name, refusal) => {
    expect(policy.decide(holder(scopes), { era: 'legacy', calls }, AROUND)).toEqual({
      rule: name,
      refusal,
      requireActive: false,
    })
  })

  it('require_active of any member counts, and names the rule', () => {
    const decision = policy.decide(
      holder(['base', 'a']),
      {
        era: 'legacy',
        calls: [tool('a'), tool('live'), list],
      },
      AROUND,
    )
    expect(decision).toEqual({ rule: 'live', refusal: undefined, requireActive: true })
  })

  it('a refused batch is never asked about at the issuer', () => {
    const decision = policy.decide(
      holder(['base', 'a']),
      {
        era: 'legacy',
        calls: [tool('live'), tool('no')],
      },
      AROUND,
    )
    expect(decision.requireActive).toBe(false)
  })
})
