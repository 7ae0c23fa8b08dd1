// Rules that depend on arguments where there are none yet: completions, tasks, templates and lists.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { AROUND, callOf, compiled, holder, rule, use } from './policies.ts'

const policy = compiled({
  rules: [
    rule('greet', { prompts: ['greet'], when: 'args.name != "root"' }),
    rule('query', { tools: ['query'], scopes: { any: ['read'] }, when: 'args.sql.startsWith("SELECT")' }),
    rule('change', { tools: ['query'], scopes: { any: ['write'] }, when: '!args.sql.startsWith("SELECT")' }),
    rule('no-secrets', { effect: 'deny', tools: ['query'], when: 'args.sql.contains("secrets")' }),
    rule('risky', { prompts: ['risky'] }),
    rule('no-risk', { effect: 'deny', prompts: ['risky'], when: 'args.level == "high"' }),
    rule('files', { resources: ['file:///**'], when: 'call.target.startsWith("file:///pub/")' }),
    rule('never', { resources: ['x://**'], when: 'args.a == 1' }),
  ],
})

const query = (sql: string) => use('tool', 'query', { sql })
const task = (name: string): Call => ({ ...callOf('tasks/get', [{ kind: 'tool', name }]), taskId: 't' })
const completion = (name: string) => callOf('completion/complete', [{ kind: 'prompt', name }])

describe('calls', () => {
  const cases: readonly (readonly [what: string, scopes: string[], call: Call, outcome: string])[] = [
    ['arguments that a rule wants', ['read'], query('SELECT 1'), 'query'],
    [
      'M: other arguments need other scopes, named at once',
      ['read'],
      query('DROP x'),
      'scope_missing read write',
    ],
    ['nothing held', [], query('SELECT 1'), 'scope_missing read'],
    ['a deny rule', ['read', 'write'], query('SELECT * FROM secrets'), 'call_forbidden'],
    ['no arguments: the deny rule has no answer', ['read', 'write'], use('tool', 'query'), 'call_forbidden'],
    ['a prompt with its arguments', [], use('prompt', 'greet', { name: 'ada' }), 'greet'],
    ['a prompt with others', [], use('prompt', 'greet', { name: 'root' }), 'call_forbidden'],
    ['a completion before the arguments are known', [], completion('greet'), 'greet'],
    ['a completion that a deny rule may be about', [], completion('risky'), 'call_forbidden'],
    ['LEG-15: a task, judged again without its arguments', ['read'], task('query'), 'query'],
    ['S12: a task whose scopes are gone', [], task('query'), 'scope_missing read'],
    ['a resource by its URI', [], use('resource', 'file:///pub/a'), 'files'],
    ['another resource', [], use('resource', 'file:///etc/a'), 'call_forbidden'],
    ['a resource has no arguments', [], use('resource', 'x://a'), 'call_forbidden'],
    ['a template stands for some expansion', [], use('template', 'file:///{path}'), 'files'],
  ]
  it.each(cases)('%s', (_what, scopes, call, outcome) => {
    const { rule: spoke, refusal } = policy.decide(holder(scopes), { era: 'modern', calls: [call] }, AROUND)
    const challenge = refusal?.reason === 'scope_missing' ? [...refusal.challenge] : []
    expect([refusal?.reason ?? spoke, ...challenge].join(' ')).toBe(outcome)
  })
})

describe('decision 6: lists show what some arguments would be allowed', () => {
  const cases = [
    ['tool', 'query', ['read'], true],
    ['tool', 'query', ['write'], true],
    ['tool', 'query', [], false],
    ['prompt', 'greet', [], true],
    ['prompt', 'risky', [], true],
    ['resource', 'file:///pub/a', [], true],
    ['resource', 'file:///etc/a', [], false],
    ['resource', 'x://a', [], false],
    ['template', 'file:///{path}', [], true],
  ] as const
  it.each(cases)('%s %s with %j: %s', (kind, name, scopes, shown) => {
    expect(policy.shows(holder(scopes), kind, name, AROUND)).toBe(shown)
  })
})

describe('annotations of the pinned manifest', () => {
  const rules = [
    rule('safe', { tools: ['*'], when: 'has(tool.readOnlyHint) && tool.readOnlyHint' }),
    rule('rest', { tools: ['*'], scopes: { any: ['write'] } }),
  ]
  const decide = (name: string) =>
    compiled({ rules }, [], {}, new Map([['list', { readOnlyHint: true }]])).decide(
      holder([]),
      { era: 'modern', calls: [use('tool', name)] },
      AROUND,
    )

  it('C17: a tool that was approved as read-only, and one of which nothing is known', () => {
    expect(decide('list').rule).toBe('safe')
    expect(decide('drop').refusal?.reason).toBe('scope_missing')
  })
})
