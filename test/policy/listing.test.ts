// docs/decisions.md, 6, and D-11: what lists show, and what is open without a token.
import { describe, expect, it } from 'vitest'
import type { Call, TargetKind } from '../../src/core/call.ts'
import type { PolicySettings } from '../../src/core/settings.ts'
import { AROUND, callOf, compiled, holder, rule, tool } from './policies.ts'

const RULES = [
  rule('read', { tools: ['read_*'], scopes: { any: ['read'] } }),
  rule('write', { tools: ['write_*'], scopes: { any: ['write'] }, requireActive: true }),
  rule('open', { tools: ['open'] }),
  rule('no', { effect: 'deny', tools: ['read_secret'] }),
  rule('prompts', { prompts: ['hi'], scopes: { any: ['read'] } }),
  rule('notes', { resources: ['notes://**'], scopes: { any: ['read'] } }),
]
const withListing = (listing: PolicySettings['listing'], anonymous: readonly string[] = []) =>
  compiled({ listing, anonymous, rules: RULES }, ['base'])

describe('SCP-01 L15: what lists show', () => {
  const reader = ['base', 'read']
  const shown = { allowed: 1, requestable: 2, all: 3 } as const
  /** 1: shown in every mode; 2: also what a step-up could unlock; 3: only when nothing is filtered. */
  const cases: readonly [scopes: readonly string[], kind: TargetKind, name: string, level: 1 | 2 | 3][] = [
    [reader, 'tool', 'read_a', 1],
    [reader, 'tool', 'open', 1],
    [reader, 'tool', 'write_a', 2],
    [['base', 'write'], 'tool', 'write_a', 1],
    [reader, 'tool', 'read_secret', 3],
    [reader, 'tool', 'unruled', 3],
    [reader, 'tool', '__proto__', 3],
    [reader, 'prompt', 'hi', 1],
    [reader, 'prompt', 'read_a', 3],
    [['base'], 'prompt', 'hi', 2],
    [reader, 'resource', 'notes://a', 1],
    [reader, 'resource', 'notes://a/../b', 3],
    [reader, 'template', 'notes://{id}', 1],
    [['base'], 'template', 'notes://{id}', 2],
    [reader, 'template', 'other://{id}', 3],
    [['read'], 'tool', 'read_a', 2],
    [[], 'tool', 'open', 2],
  ]
  it.each(cases)('%j: %s %s is shown from level %d', (scopes, kind, name, level) => {
    for (const listing of ['allowed', 'requestable', 'all'] as const) {
      expect(withListing(listing).shows(holder(scopes), kind, name, AROUND)).toBe(shown[listing] >= level)
    }
  })

  it('showsAll says that nothing is filtered', () => {
    expect(withListing('all').showsAll).toBe(true)
    expect(withListing('allowed').showsAll).toBe(false)
    expect(withListing('requestable').showsAll).toBe(false)
  })
})

describe('D-11: callers without a token', () => {
  const policy = withListing('allowed', ['initialize', 'tools/list', 'tools/call', 'custom/thing'])
  const opened: readonly [what: string, calls: readonly Call[], rule: string, open: boolean][] = [
    ['an open method', [callOf('initialize')], 'baseline', true],
    ['a batch of open methods', [callOf('initialize'), callOf('tools/list')], 'baseline', true],
    ['one method that is not open', [callOf('initialize'), callOf('prompts/list')], 'baseline', false],
    ['an open tools/call, and a rule without scopes', [tool('open')], 'open', true],
    ['an open tools/call, and a rule with scopes', [tool('read_a')], 'read', false],
    ['an open tools/call, and a deny rule', [tool('read_secret')], 'no', false],
    ['an open tools/call, and no rule', [tool('unruled')], 'default', false],
    ['an open method that nobody knows', [callOf('custom/thing')], 'methods', false],
    ['a response', [callOf('', [], 'response')], 'baseline', false],
    ['a message without calls', [], 'baseline', false],
  ]
  it.each(opened)('%s', (_what, calls, name, open) => {
    const refusal = open ? undefined : { reason: 'token_missing', detail: 'not open without a token' }
    expect(policy.decide(undefined, { era: 'modern', calls }, AROUND)).toEqual({
      rule: name,
      refusal,
      requireActive: false,
    })
  })

  it('a rule with require_active has nothing to ask about', () => {
    const live = compiled({
      anonymous: ['tools/call'],
      rules: [rule('live', { tools: ['t'], requireActive: true })],
    })
    expect(live.decide(undefined, { era: 'modern', calls: [tool('t')] }, AROUND).refusal?.reason).toBe(
      'token_missing',
    )
    expect(live.decide(holder([]), { era: 'modern', calls: [tool('t')] }, AROUND).requireActive).toBe(true)
  })

  it('a route without anonymous methods is closed, also without a baseline', () => {
    const closed = compiled({ rules: RULES })
    for (const calls of [[callOf('initialize')], [tool('open')], []]) {
      expect(closed.decide(undefined, { era: 'modern', calls }, AROUND).refusal?.reason).toBe('token_missing')
    }
  })

  it('a token never opens less than none does', () => {
    const { refusal } = policy.decide(
      holder([]),
      {
        era: 'modern',
        calls: [callOf('tools/list'), tool('open')],
      },
      AROUND,
    )
    expect(refusal).toBeUndefined()
  })

  it('lists show them what a step-up could unlock', () => {
    expect(policy.shows(undefined, 'tool', 'write_a', AROUND)).toBe(true)
    expect(policy.shows(undefined, 'tool', 'read_secret', AROUND)).toBe(false)
    expect(policy.shows(undefined, 'tool', 'unruled', AROUND)).toBe(false)
    expect([...policy.anonymous]).toEqual(['initialize', 'tools/list', 'tools/call', 'custom/thing'])
  })
})
