// One call by one caller: every clause of "The decision" that speaks of a single call.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import type { ScopeExpression } from '../../src/core/scopes.ts'
import type { PolicySettings } from '../../src/core/settings.ts'
import { AROUND, callOf, compiled, holder, rule, tool, use } from './policies.ts'

const NOTES: Partial<PolicySettings> = {
  methods: new Map([['custom/thing', { any: ['notes:write'] }]]),
  rules: [
    rule('reading', { tools: ['list_notes', 'search_*'], scopes: { any: ['notes:read'] } }),
    rule('writing', { tools: ['*_note'], except: ['purge_note'], scopes: { any: ['notes:write'] } }),
    rule('purge', {
      tools: ['purge_note'],
      scopes: { all: ['notes:write', 'notes:admin'] },
      requireActive: true,
    }),
    rule('free', { tools: ['ping_me'] }),
    rule('never', { effect: 'deny', tools: ['drop_note'] }),
    rule('quietly', { effect: 'deny', tools: ['hush_note'], denial: 'in_band' }),
    rule('prompts', { prompts: ['*'], scopes: { any: ['notes:read'] } }),
    rule('files', { resources: ['notes://**', 'file:///srv/notes/**'], scopes: { any: ['notes:read'] } }),
    rule('private', { effect: 'deny', resources: ['notes://private/**'] }),
  ],
}
const IMPLY = { 'notes:admin': ['notes:write'], 'notes:write': ['notes:read'] }
const notes = compiled(NOTES, ['mcp:use'], IMPLY)
const flat = compiled(NOTES, ['mcp:use'])

const allowedBy = (name: string, requireActive = false) => ({ rule: name, refusal: undefined, requireActive })
const refusedWith = (refusal: Refusal & { rule: string }) => ({
  rule: refusal.rule,
  refusal,
  requireActive: false,
})
const deniedBy = (name: string, denial: 'http' | 'in_band' = 'http') =>
  refusedWith({ reason: 'call_forbidden', rule: name, denial })
const lacking = (name: string, missing: string[], challenge: string[]) =>
  refusedWith({ reason: 'scope_missing', rule: name, missing, challenge })
const unknown = (method: string) => ({
  rule: 'methods',
  refusal: { reason: 'method_unknown', method, era: 'modern' },
  requireActive: false,
})

function check(policy: typeof notes, scopes: string, call: Call) {
  const granted = scopes === '' ? [] : scopes.split(' ')
  return policy.decide(holder(granted), { era: 'modern', calls: [call] }, AROUND)
}

describe('targets and scopes', () => {
  const cases: readonly [what: string, scopes: string, call: Call, decision: unknown][] = [
    ['an exact name', 'mcp:use notes:read', tool('list_notes'), allowedBy('reading')],
    ['a glob', 'mcp:use notes:read', tool('search_all'), allowedBy('reading')],
    ['TOK-14: an implied scope', 'mcp:use notes:admin', tool('list_notes'), allowedBy('reading')],
    ['a rule without scopes', 'mcp:use', tool('ping_me'), allowedBy('free')],
    [
      'require_active on the rule that allows',
      'mcp:use notes:admin',
      tool('purge_note'),
      allowedBy('purge', true),
    ],
    ['a prompt', 'mcp:use notes:read', use('prompt', 'anything'), allowedBy('prompts')],
    ['a prompt is not a tool', 'mcp:use notes:read', tool('anything'), deniedBy('default')],
    ['a resource', 'mcp:use notes:read', use('resource', 'notes://a/b'), allowedBy('files')],
    ['deny wins over allow', 'mcp:use notes:admin', tool('drop_note'), deniedBy('never')],
    [
      'deny wins for resources',
      'mcp:use notes:read',
      use('resource', 'notes://private/a'),
      deniedBy('private'),
    ],
    ['D-01: denial of the rule', 'mcp:use notes:admin', tool('hush_note'), deniedBy('quietly', 'in_band')],
    ['unruled', 'mcp:use notes:admin', tool('unheard_of'), deniedBy('default')],
    ['unruled without the baseline: no scope cures it', '', tool('unheard_of'), deniedBy('default')],
    ['denied without the baseline: no scope cures it', '', tool('drop_note'), deniedBy('never')],
    [
      'the baseline only is missing',
      'notes:read',
      tool('list_notes'),
      lacking('reading', ['mcp:use'], ['mcp:use', 'notes:read']),
    ],
    [
      'the scopes only are missing',
      'mcp:use',
      tool('list_notes'),
      lacking('reading', ['notes:read'], ['mcp:use', 'notes:read']),
    ],
    [
      'CHL-10: both are missing and asked for at once',
      '',
      tool('save_note'),
      lacking('writing', ['mcp:use', 'notes:write'], ['mcp:use', 'notes:write']),
    ],
    [
      'CHL-11: what is held here is asked for again, what is foreign is not',
      'mcp:use notes:read mail:send',
      tool('save_note'),
      lacking('writing', ['notes:write'], ['mcp:use', 'notes:read', 'notes:write']),
    ],
    [
      'all: each is needed, only one is missing',
      'mcp:use notes:write',
      tool('purge_note'),
      lacking('purge', ['notes:admin'], ['mcp:use', 'notes:admin', 'notes:read', 'notes:write']),
    ],
  ]
  it.each(cases)('%s', (_what, scopes, call, decision) => {
    expect(check(notes, scopes, call)).toEqual(decision)
  })

  it('compares scopes exactly when nothing is implied', () => {
    const decision = lacking('reading', ['notes:read'], ['mcp:use', 'notes:admin', 'notes:read'])
    expect(check(flat, 'mcp:use notes:admin', tool('list_notes'))).toEqual(decision)
    expect(check(flat, 'mcp:use NOTES:READ', tool('list_notes')).refusal?.reason).toBe('scope_missing')
  })
})

describe('M08 M09 M48 M49: names that look like others, or like parts of an object', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'LIST_NOTES', 'x.list_notes', '']
  it.each(names)('%j is unruled', (name) => {
    expect(check(notes, 'mcp:use notes:admin', tool(name))).toEqual(deniedBy('default'))
  })

  it.each(['list_notes ', 'list_notes\u00a0', 'list\u200b_notes', ' list_notes'])(
    '%j is nobody’s',
    (name) => {
      expect(check(notes, 'mcp:use notes:admin', tool(name))).toEqual(deniedBy('unsafe_name'))
    },
  )

  it('L16 M48: unruled and denied are told alike, but for the name of the rule', () => {
    const strip = (name: string) => ({ ...check(notes, 'mcp:use', tool(name)).refusal, rule: '' })
    expect(strip('unheard_of')).toEqual(strip('drop_note'))
  })

  it('a rule on `__proto__` speaks of that tool only', () => {
    const odd = compiled({ rules: [rule('odd', { tools: ['__proto__'] })] })
    expect(check(odd, '', tool('__proto__'))).toEqual(allowedBy('odd'))
    expect(check(odd, '', tool('constructor'))).toEqual(deniedBy('default'))
  })
})

describe('CHL-10: the rule that needs the fewest more', () => {
  const two = (first: ScopeExpression, second: ScopeExpression) =>
    compiled({
      rules: [
        rule('first', { tools: ['t'], scopes: first }),
        rule('second', { tools: ['*'], scopes: second }),
      ],
    })
  const cases: readonly [
    ScopeExpression,
    ScopeExpression,
    held: string,
    rule: string,
    challenge: string[],
  ][] = [
    [{ all: ['a', 'b'] }, { any: ['c'] }, '', 'second', ['c']],
    [{ all: ['a', 'b'] }, { any: ['c'] }, 'a', 'first', ['a', 'b']],
    [{ any: ['b', 'a'] }, { any: ['c'] }, '', 'first', ['b']],
    [{ any: ['z'] }, { any: ['a'] }, '', 'first', ['z']],
    [{ all: [{ any: ['a', 'b'] }, { any: ['b', 'c'] }] }, { all: ['x', 'y'] }, '', 'first', ['b']],
    [
      { any: [{ all: ['a', 'b', 'c'] }, { all: ['d', 'e'] }] },
      { all: ['x', 'y', 'z'] },
      'a b',
      'first',
      ['a', 'b', 'c'],
    ],
    [{ all: ['a', 'offline_access'] }, { all: ['x', 'y', 'z'] }, '', 'first', ['a']],
    [{ any: ['b'] }, { any: ['a'] }, 'offline_access', 'first', ['b']],
  ]
  it.each(cases)('%j or %j, holding %j: %s asks for %j', (first, second, held, name, challenge) => {
    const { rule: spoke, refusal } = check(two(first, second), held, tool('t'))
    expect([spoke, refusal]).toMatchObject([name, { reason: 'scope_missing', challenge }])
  })

  it('the first rule in file order whose scopes are held allows', () => {
    const policy = two({ any: ['a'] }, { any: ['b'] })
    expect(check(policy, 'a b', tool('t'))).toEqual(allowedBy('first'))
    expect(check(policy, 'b', tool('t'))).toEqual(allowedBy('second'))
  })

  it('a scope of the baseline counts once', () => {
    const rules = [
      rule('first', { tools: ['t'], scopes: { all: ['a', 'b'] } }),
      rule('second', { tools: ['t'], scopes: { any: ['c'] } }),
    ]
    const policy = compiled({ rules }, ['a', 'b'])
    expect(check(policy, '', tool('t')).refusal).toMatchObject({ rule: 'first', challenge: ['a', 'b'] })
  })
})

describe('default: allow', () => {
  const open = compiled({ ...NOTES, default: 'allow' }, ['mcp:use'])
  const cases: readonly [what: string, scopes: string, call: Call, decision: unknown][] = [
    ['opens what no rule speaks of', 'mcp:use', tool('unheard_of'), allowedBy('default')],
    ['still needs the baseline', '', tool('unheard_of'), lacking('default', ['mcp:use'], ['mcp:use'])],
    [
      'never rescues a rule that failed',
      'mcp:use',
      tool('list_notes'),
      lacking('reading', ['notes:read'], ['mcp:use', 'notes:read']),
    ],
    ['never rescues what is denied', 'mcp:use', tool('drop_note'), deniedBy('never')],
    ['M52: never rescues an unsafe URI', 'mcp:use', use('resource', 'notes://../a'), deniedBy('unsafe_uri')],
    ['M13: never opens a method', 'mcp:use', callOf('tools/callx'), unknown('tools/callx')],
  ]
  it.each(cases)('%s', (_what, scopes, call, decision) => {
    expect(check(open, scopes, call)).toEqual(decision)
  })
})

describe('denial: in_band', () => {
  it('is the policy\u2019s, unless the rule says otherwise', () => {
    const rules = [
      rule('loud', { effect: 'deny', tools: ['loud'], denial: 'http' }),
      rule('plain', { effect: 'deny', tools: ['plain'] }),
    ]
    const policy = compiled({ denial: 'in_band', rules })
    expect(check(policy, '', tool('loud'))).toEqual(deniedBy('loud', 'http'))
    expect(check(policy, '', tool('plain'))).toEqual(deniedBy('plain', 'in_band'))
    expect(check(policy, '', tool('unruled'))).toEqual(deniedBy('default', 'in_band'))
  })
})
