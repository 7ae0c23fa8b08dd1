// Approve rules: between deny and allow. What they hold back, what they open, and that nothing lets a call past them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Decision } from '../../src/core/route.ts'
import type { PolicySettings } from '../../src/core/settings.ts'
import type { ApproverSettings } from '../../src/core/settings-approvals.ts'
import { AROUND, callOf, compiled, holder, rule, tool, use } from './policies.ts'
import { allows, calls, meant, options, patterns, RUNS, scopes, when, who, withRules } from './random.ts'

const approvers: ApproverSettings = { ...meant({ subjects: ['ada'] }), tokens: undefined }
const approve = (name: string, written: Parameters<typeof rule>[1]) =>
  rule(name, { effect: 'approve', approvers, ...written })

const POLICY: Partial<PolicySettings> = {
  rules: [
    rule('all', { tools: ['*'], except: ['purge', 'wipe'], scopes: { any: ['use'] } }),
    approve('big', { tools: ['pay'], when: 'args.sum > 100' }),
    approve('huge', { tools: ['pay'], when: 'args.sum > 1000', scopes: { any: ['use'] } }),
    approve('purge', { tools: ['purge'], scopes: { any: ['admin'] }, requireActive: true }),
    approve('staff', { tools: ['wipe'], who: meant({ roles: ['staff'] }) }),
    approve('denied', { tools: ['drop'] }),
    rule('never', { effect: 'deny', tools: ['drop'] }),
    approve('grouped', { tools: ['grouped'], who: meant({ groups: { claim: 'groups', any: ['ops'] } }) }),
  ],
}

function decide(call: Call, granted: readonly string[] = ['use'], policy = POLICY): Decision {
  return compiled(policy).decide(holder(granted), { era: 'modern', calls: [call] }, AROUND)
}

describe('an approve rule', () => {
  const cases: readonly (readonly [what: string, decision: Decision, expected: object])[] = [
    [
      'that is true holds the call back, whatever allows it',
      decide(use('tool', 'pay', { sum: 101 })),
      held(['big']),
    ],
    [
      'that is false leaves it to the others',
      decide(use('tool', 'pay', { sum: 100 })),
      { rule: 'all', refusal: undefined },
    ],
    [
      'of several each whose scopes are held wants its approvers',
      decide(use('tool', 'pay', { sum: 1_001 })),
      held(['big', 'huge']),
    ],
    [
      'whose scopes are not held wants nothing',
      decide(use('tool', 'pay', { sum: 1_001 }), []),
      held(['big']),
    ],
    [
      'asks for scopes first',
      decide(tool('purge')),
      { rule: 'purge', refusal: { reason: 'scope_missing', missing: ['admin'] } },
    ],
    [
      'opens the call to whoever holds them',
      decide(tool('purge'), ['admin']),
      { ...held(['purge']), requireActive: true },
    ],
    [
      'comes after a deny rule',
      decide(tool('drop')),
      { rule: 'never', refusal: { reason: 'call_forbidden' } },
    ],
    [
      'that fails is not rescued by the default',
      decide(tool('wipe'), ['use'], { ...POLICY, default: 'allow' }),
      { rule: 'staff', refusal: { reason: 'call_forbidden' } },
    ],
    [
      'without an answer denies, and lets no other rule allow',
      decide(tool('grouped')),
      { rule: 'grouped', refusal: { reason: 'call_forbidden' } },
    ],
    ['whose condition has no answer denies', decide(tool('pay')), { refusal: { reason: 'call_forbidden' } }],
    [
      'is not asked again for a task, which was approved when it was made',
      decide({ ...callOf('tasks/get', [{ kind: 'tool', name: 'purge' }]), taskId: 't' }, ['admin']),
      { rule: 'purge', refusal: undefined },
    ],
  ]
  it.each(cases)('%s', (_what, decision, expected) => {
    expect(decision).toMatchObject(expected)
  })

  it('holds a batch back when one of its calls waits', () => {
    const sent = [tool('other'), use('tool', 'pay', { sum: 101 })]
    const decision = compiled(POLICY).decide(holder(['use']), { era: 'legacy', calls: sent }, AROUND)
    expect(decision).toMatchObject(held(['big']))
  })

  it('leaves its tool in lists, where it is held back for some arguments and where it is for all', () => {
    const shows = (name: string, granted: readonly string[]) =>
      compiled(POLICY).shows(holder(granted), 'tool', name, AROUND)
    expect([shows('pay', ['use']), shows('purge', ['admin'])]).toEqual([true, true])
    expect([shows('purge', ['use']), shows('drop', ['use']), shows('wipe', ['use'])]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('asks a caller without a token for one', () => {
    const policy = compiled({ ...POLICY, anonymous: ['tools/call'] })
    const { refusal } = policy.decide(
      undefined,
      { era: 'modern', calls: [use('tool', 'pay', { sum: 101 })] },
      AROUND,
    )
    expect(refusal?.reason).toBe('token_missing')
  })
})

function held(rules: readonly string[]): object {
  return { rule: rules[0], refusal: { reason: 'approval_required', rule: rules[0], rules } }
}

describe('decision 8: an approve rule that is only observed', () => {
  const rules = [rule('all', { tools: ['*'] }), approve('big', { tools: ['pay'], mode: 'observe' })]

  it('holds nothing back, and says that it would', () => {
    expect(decide(tool('pay'), [], { rules })).toMatchObject({
      rule: 'all',
      refusal: undefined,
      shadowRefusal: { reason: 'approval_required', rule: 'big' },
    })
  })

  it('opens nothing', () => {
    const decision = decide(tool('pay'), [], { rules: rules.slice(1) })
    expect(decision).toMatchObject({
      refusal: { reason: 'call_forbidden', rule: 'default' },
      shadowRefusal: { reason: 'approval_required' },
    })
  })

  it('as part of an observed policy lets the call through, and says that it would not', () => {
    const policy: Partial<PolicySettings> = { mode: 'observe', rules: [approve('big', { tools: ['pay'] })] }
    expect(decide(tool('pay'), [], policy)).toMatchObject({
      refusal: undefined,
      shadowRefusal: { reason: 'approval_required' },
    })
  })
})

it('an approve rule more never allows more', { timeout: 120 * RUNS.numRuns }, () => {
  const fields = fc.record({ tools: patterns, except: patterns, who, when, scopes: fc.constant(undefined) })
  fc.assert(
    fc.property(options, fields, scopes, calls, fc.nat(5), (settings, written, granted, sent, at) => {
      const guard = approve('guard', written)
      const stricter = withRules(settings, (before) => before.toSpliced(at, 0, guard))
      fc.pre(allows(stricter, granted, sent))
      expect(allows(settings, granted, sent)).toBe(true)
    }),
    RUNS,
  )
})
