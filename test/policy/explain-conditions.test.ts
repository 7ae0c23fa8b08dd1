// What explain says of rules with who, when and observe: a sentence for each.
import { describe, expect, it } from 'vitest'
import { formatExplanation } from '../../src/policy/explain.ts'
import { AROUND, compiled, holder, rule, use } from './policies.ts'

const NOBODY = {
  subjects: undefined,
  clients: undefined,
  roles: undefined,
  issuers: undefined,
  groups: undefined,
}
const RULES = [
  rule('small', { tools: ['pay'], when: 'args.amount <= 100' }),
  rule('ops', { tools: ['pay'], who: { ...NOBODY, roles: ['ops'] } }),
  rule('no-notes', { effect: 'deny', tools: ['pay'], when: 'args.note == "x"', mode: 'observe' }),
  rule('no-bots', { effect: 'deny', tools: ['pay'], who: { ...NOBODY, clients: ['bot'] } }),
]

function told(args: object, mode: 'enforce' | 'observe' = 'enforce') {
  return formatExplanation(
    compiled({ rules: RULES, mode }).explain(holder([]), use('tool', 'pay', args), AROUND),
  )
}

describe('explain', () => {
  it('allowed by a condition, and a rule that is only observed', () => {
    expect(told({ amount: 1, note: 'x' })).toEqual([
      'allowed by `small`',
      'only observed: enforcing would refuse it: call_forbidden, by `no-notes`',
      'baseline: no scope is needed',
      'tool `pay`: rule `small` allows it: its scopes are held',
      'tool `pay`: rule `ops` does not allow it: its `who` or `when` is not met',
      'tool `pay`: rule `no-notes` would deny it, and is only observed',
      'tool `pay`: rule `no-bots` does not deny it: its `who` or `when` is not met',
    ])
  })

  it('conditions that have no answer', () => {
    const lines = told({})
    expect(lines).toContain('refused: call_forbidden, by `small`')
    expect(lines).toContain(
      'tool `pay`: rule `small` has no answer (no field `amount`), so it does not allow it',
    )
    expect(lines).toContain(
      'tool `pay`: rule `no-notes` has no answer (no field `note`), so it would deny it, and is only observed',
    )
  })

  it('decision 8: a whole policy that is only observed', () => {
    expect(told({ amount: 500, note: '' }, 'observe').slice(0, 2)).toEqual([
      'allowed by `baseline`',
      'only observed: enforcing would refuse it: call_forbidden, by `small`',
    ])
  })
})
