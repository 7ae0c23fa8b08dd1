// Decision 7: what is a protocol method, what is judged by what it names, and what is unknown.
import { describe, expect, it } from 'vitest'
import type { Call, Target } from '../../src/core/call.ts'
import { AROUND, callOf, compiled, holder, rule } from './policies.ts'

const policy = compiled(
  {
    methods: new Map([
      ['custom/thing', { any: ['thing'] }],
      ['tasks/list', { any: ['tasks'] }],
    ]),
    rules: [
      rule('tools', { tools: ['run'], scopes: { any: ['run'] } }),
      rule('prompts', { prompts: ['greet'], scopes: { any: ['greet'] } }),
      rule('notes', {
        resources: ['notes://open/**'],
        except: ['notes://open/not/**'],
        scopes: { any: ['notes'] },
      }),
      rule('single', { resources: ['file:///srv/*/a'], scopes: { any: ['notes'] } }),
      rule('secret', { effect: 'deny', resources: ['notes://open/secret/**'] }),
    ],
  },
  ['base'],
)

const target = (kind: Target['kind'], name: string): Target => ({ kind, name })

function check(scopes: readonly string[], call: Call) {
  const { rule: spoke, refusal } = policy.decide(holder(scopes), { era: 'legacy', calls: [call] }, AROUND)
  return [spoke, refusal?.reason ?? 'allowed']
}

describe('protocol methods need the baseline only', () => {
  const calls: readonly Call[] = [
    ...['initialize', 'ping', 'server/discover', 'logging/setLevel'].map((method) => callOf(method)),
    ...['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'].map((method) =>
      callOf(method),
    ),
    callOf('notifications/initialized', [], 'notification'),
    callOf('notifications/anything/else', [], 'notification'),
    callOf('', [], 'response'),
  ]
  it.each(calls.map((call) => [call.method || 'a response', call] as const))(
    'SCP-05: %s',
    (_method, call) => {
      expect(check(['base'], call)).toEqual(['baseline', 'allowed'])
      expect(check(['run', 'greet'], call)).toEqual(['baseline', 'scope_missing'])
    },
  )

  it('so does a message without calls, such as the GET of a session', () => {
    const nothing = { era: 'legacy', calls: [] } as const
    expect(policy.decide(holder(['base']), nothing, AROUND)).toMatchObject({
      rule: 'baseline',
      refusal: undefined,
    })
    expect(policy.decide(holder([]), nothing, AROUND).refusal).toMatchObject({
      reason: 'scope_missing',
      challenge: ['base'],
    })
  })
})

describe('M14 SCP-06: methods judged by what they name', () => {
  const held = ['base', 'run', 'greet', 'notes']
  const cases: readonly [call: Call, rule: string, verdict: string][] = [
    [callOf('tools/call', [target('tool', 'run')]), 'tools', 'allowed'],
    [callOf('tools/call', [target('tool', 'run')], 'notification'), 'tools', 'allowed'],
    [callOf('tools/call', [target('tool', 'rm')], 'notification'), 'default', 'call_forbidden'],
    [callOf('tools/call'), 'default', 'call_forbidden'],
    [callOf('completion/complete'), 'default', 'call_forbidden'],
    [callOf('prompts/get', [target('prompt', 'greet')]), 'prompts', 'allowed'],
    [callOf('completion/complete', [target('prompt', 'hidden')]), 'default', 'call_forbidden'],
    [callOf('completion/complete', [target('prompt', 'greet')]), 'prompts', 'allowed'],
    [callOf('resources/subscribe', [target('resource', 'notes://open/a')]), 'notes', 'allowed'],
    [callOf('resources/unsubscribe', [target('resource', 'notes://shut/a')]), 'default', 'call_forbidden'],
    [callOf('resources/read', [target('resource', 'notes://open/../a')]), 'unsafe_uri', 'call_forbidden'],
    [callOf('subscriptions/listen'), 'baseline', 'allowed'],
    [callOf('subscriptions/listen', [target('resource', 'notes://open/a')]), 'notes', 'allowed'],
    [
      callOf('subscriptions/listen', [
        target('resource', 'notes://open/a'),
        target('resource', 'file:///etc/x'),
      ]),
      'default',
      'call_forbidden',
    ],
    [callOf('tasks/get', [target('tool', 'run')]), 'tools', 'allowed'],
    [callOf('tasks/cancel', [target('tool', 'rm')]), 'default', 'call_forbidden'],
    [callOf('tasks/result'), 'default', 'call_forbidden'],
  ]
  it.each(cases.map(([call, ...rest]) => [call.method, call.targets, call, ...rest] as const))(
    '%s %j',
    (_method, _targets, call, name, verdict) => {
      expect(check(held, call)).toEqual([name, verdict])
    },
  )

  it('tasks/* asks for the scopes of what created the task', () => {
    expect(check(['base'], callOf('tasks/get', [target('tool', 'run')]))).toEqual(['tools', 'scope_missing'])
  })
})

describe('templates are judged by the literal prefix before `{`', () => {
  const cases: readonly [template: string, rule: string, verdict: string][] = [
    ['notes://open/{id}', 'secret', 'call_forbidden'],
    ['notes://open/public/{id}', 'notes', 'allowed'],
    ['notes://open/not/{id}', 'default', 'call_forbidden'],
    ['notes://open/secret/{id}', 'secret', 'call_forbidden'],
    ['notes://shut/{id}', 'default', 'call_forbidden'],
    ['file:///srv/{user}/b', 'single', 'allowed'],
    ['file:///srv/x/a{rest}', 'single', 'allowed'],
    ['file:///srv/x/b{rest}', 'default', 'call_forbidden'],
    ['file:///etc/{x}', 'default', 'call_forbidden'],
    ['{+anything}', 'secret', 'call_forbidden'],
    ['notes://open/public/a', 'notes', 'allowed'],
    ['notes://open', 'default', 'call_forbidden'],
    ['notes://open/../{id}', 'unsafe_uri', 'call_forbidden'],
    ['notes://open/public/{id}/../x', 'unsafe_uri', 'call_forbidden'],
    ['notes://open/public/%2e%2e/{id}', 'unsafe_uri', 'call_forbidden'],
  ]
  it.each(cases)('M15 %s', (template, name, verdict) => {
    expect(check(['base', 'notes'], callOf('completion/complete', [target('template', template)]))).toEqual([
      name,
      verdict,
    ])
  })

  it('an `except` that takes away all that a pattern selects takes the template away', () => {
    const idle = compiled({ rules: [rule('idle', { resources: ['a://*/x'], except: ['a://**'] })] })
    expect(idle.shows(holder([]), 'template', 'a://{y}/x', AROUND)).toBe(false)
    const part = compiled({ rules: [rule('part', { resources: ['a://*/x'], except: ['a://b/x'] })] })
    expect(part.shows(holder([]), 'template', 'a://{y}/x', AROUND)).toBe(true)
  })
})

describe('M12 M13: any other method is unknown', () => {
  const methods = [
    'tools/callx',
    'TOOLS/CALL',
    'tools/call ',
    'x/y',
    'tools/call/../list',
    '__proto__',
    '',
    'notifications',
  ]
  it.each([...methods, 'constructor', 'tasks/submit'])('%j', (method) => {
    expect(policy.decide(holder(['base']), { era: 'legacy', calls: [callOf(method)] }, AROUND)).toEqual({
      rule: 'methods',
      refusal: { reason: 'method_unknown', method, era: 'legacy' },
      requireActive: false,
    })
  })

  const opened: readonly [method: string, scopes: readonly string[], verdict: string][] = [
    ['custom/thing', ['base', 'thing'], 'allowed'],
    ['custom/thing', ['base'], 'scope_missing'],
    ['custom/thing', ['thing'], 'scope_missing'],
    ['tasks/list', ['base', 'tasks'], 'allowed'],
    ['tasks/list', ['base'], 'scope_missing'],
  ]
  it.each(opened)('`policy.methods` opens %s to %j: %s', (method, scopes, verdict) => {
    expect(check(scopes, callOf(method))).toEqual([`methods.${method}`, verdict])
  })

  it('tasks/list is open only where `methods` names it', () => {
    const bare = compiled({ default: 'allow' })
    const { refusal } = bare.decide(holder([]), { era: 'modern', calls: [callOf('tasks/list')] }, AROUND)
    expect(refusal?.reason).toBe('method_unknown')
  })
})
