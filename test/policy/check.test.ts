import { describe, expect, it } from 'vitest'
import type { ScopeExpression } from '../../src/core/scopes.ts'
import { checkPolicies } from '../../src/policy/check.ts'
import { rule } from './policies.ts'
import { settingsWith, type Written } from './settings.ts'

const NOBODY = {
  subjects: undefined,
  clients: undefined,
  roles: undefined,
  issuers: undefined,
  groups: undefined,
}

/** `error routes.0.policy.rules.1 shadowed by …` */
function check(...routes: readonly Written[]): string[] {
  return checkPolicies(settingsWith(...routes)).map(({ severity, path, message }) =>
    [severity, path.join('.'), message].join(' '),
  )
}

const any = (...members: string[]): ScopeExpression => ({ any: members })
const all = (...members: string[]): ScopeExpression => ({ all: members })
const scopesImply = new Map([
  ['admin', ['write']],
  ['write', ['read']],
])
const RULES = 'routes.0.policy.rules'

/** A finding begins with the text; none expected means that there is none. */
function expectFindings(found: readonly string[], beginnings: readonly string[]): void {
  expect(found.map((finding, index) => finding.slice(0, beginnings[index]?.length))).toEqual(beginnings)
}

describe('a sound file', () => {
  it('the example of the contract has no findings', () => {
    const rules = [
      rule('reading', { tools: ['list_notes', 'search_*'], scopes: any('read') }),
      rule('writing', { tools: ['*_note'], except: ['purge_note'], scopes: any('write') }),
      rule('purge', { tools: ['purge_note'], scopes: all('write', 'admin'), requireActive: true }),
      rule('rules[3]', { prompts: ['*'], scopes: any('read') }),
      rule('rules[4]', { resources: ['notes://**', 'file:///srv/notes/**'], scopes: any('read') }),
    ]
    const perTool = new Map([['purge_note', { count: 1, seconds: 60 }]])
    const methods = new Map([['custom/thing', any('read')]])
    expect(check({ policy: { rules, methods }, scopes: ['read'], scopesImply, perTool })).toEqual([])
  })
})

describe('decision 9: shadowed rules', () => {
  const narrow = rule('narrow', { tools: ['purge_note'], scopes: all('write', 'admin') })
  const shadowed = [`error ${RULES}.0 shadowed by rule \`broad\``]
  const cases: readonly [what: string, broad: Parameters<typeof rule>[1], beginnings: readonly string[]][] = [
    ['the same scopes', { tools: ['*'], scopes: all('write', 'admin') }, shadowed],
    ['scopes that these imply', { tools: ['*_note'], scopes: any('read') }, shadowed],
    ['no scopes', { tools: ['purge*'] }, shadowed],
    ['one of several is implied', { tools: ['*'], scopes: any('other', 'read') }, shadowed],
    ['the same name among others', { tools: ['x', 'purge_note'], scopes: any('write') }, shadowed],
    ['except', { tools: ['*'], except: ['purge_*'], scopes: any('read') }, []],
    ['an except that concerns others', { tools: ['*'], except: ['list_*'], scopes: any('read') }, shadowed],
    ['require_active', { tools: ['*'], scopes: any('read'), requireActive: true }, []],
    ['other tools', { tools: ['*_notes'], scopes: any('read') }, []],
    ['prompts', { prompts: ['*'], scopes: any('read') }, []],
    ['more scopes', { tools: ['*'], scopes: all('write', 'admin', 'root') }, []],
    [
      'unrelated scopes',
      { tools: ['*'], scopes: any('other') },
      [`warning ${RULES}.1 its scopes also open what \`narrow\``],
    ],
    ['unrelated scopes for the same tool', { tools: ['purge_note'], scopes: any('other') }, []],
    [
      'partly related scopes',
      { tools: ['*'], scopes: all('write', 'other') },
      [`warning ${RULES}.1 its scopes`],
    ],
  ]
  it.each(cases)('by a rule with %s', (_what, broad, beginnings) => {
    const found = check({ policy: { rules: [narrow, rule('broad', broad)] }, scopesImply })
    expectFindings(found, beginnings)
    for (const finding of found) expect(finding).toContain('`except`')
  })

  it('the baseline is held anyway', () => {
    const rules = [rule('broad', { tools: ['*'], scopes: any('read') }), rule('narrow', { tools: ['a'] })]
    expectFindings(check({ policy: { rules }, scopes: ['read'] }), [
      `error ${RULES}.1 shadowed by rule \`broad\``,
    ])
    expectFindings(check({ policy: { rules } }), [])
  })

  it('of two that say the same, the later is shadowed, also through a cycle of scopes_imply', () => {
    const cycle = new Map([
      ['one', ['two']],
      ['two', ['one']],
    ])
    const rules = [
      rule('first', { tools: ['a*'], scopes: any('one') }),
      rule('second', { tools: ['a*'], scopes: any('two') }),
    ]
    expectFindings(check({ policy: { rules }, scopesImply: cycle }), [
      `error ${RULES}.1 shadowed by rule \`first\``,
    ])
  })

  it('a broad rule is warned about once, however many it opens', () => {
    const tools = ['a', 'b', 'c', 'd', 'e']
    const rules = tools.map((name) => rule(name, { tools: [name], scopes: any(name) }))
    const found = check({
      policy: { rules: [...rules, rule('broad', { tools: ['*'], scopes: any('all') })] },
    })
    expectFindings(found, [
      `warning ${RULES}.5 its scopes also open what \`a\`, \`b\`, \`c\` and 2 more protects`,
    ])
  })

  it('an except of the narrower rule may cover the broader one\u2019s', () => {
    const rules = [
      rule('broad', { tools: ['*'], except: ['x1'], scopes: any('read') }),
      rule('narrow', { tools: ['x*'], except: ['x1'], scopes: any('read') }),
    ]
    expectFindings(check({ policy: { rules } }), [`error ${RULES}.1 shadowed by rule \`broad\``])
  })
})

describe('decision 9: rules for some callers and some arguments', () => {
  const who = { ...NOBODY, clients: ['bot'] }
  const narrow = rule('narrow', { tools: ['a'], scopes: any('x') })
  const cases: readonly [what: string, rules: ReturnType<typeof rule>[], beginnings: readonly string[]][] = [
    ['a broader rule for some callers shadows nothing', [rule('b', { tools: ['*'], who }), narrow], []],
    [
      'a broader rule for some arguments shadows nothing',
      [rule('b', { tools: ['*'], when: 'true' }), narrow],
      [],
    ],
    [
      'a broader rule for everybody shadows one for some',
      [rule('b', { tools: ['*'] }), rule('n', { tools: ['a'], who, when: 'true' })],
      [`error ${RULES}.1 shadowed by rule \`b\``],
    ],
    [
      'two that say the same of the same callers',
      [rule('b', { tools: ['*'], who }), rule('n', { tools: ['a'], who: { ...who } })],
      [`error ${RULES}.1 shadowed by rule \`b\``],
    ],
    ['a deny rule for some callers', [narrow, rule('no', { effect: 'deny', tools: ['a'], who })], []],
    [
      'a deny rule that is only observed',
      [narrow, rule('no', { effect: 'deny', tools: ['a'], mode: 'observe' })],
      [],
    ],
    [
      'a deny rule on the very same condition',
      [
        rule('n', { tools: ['a'], when: 'args.x == 1' }),
        rule('no', { effect: 'deny', tools: ['*'], when: 'args.x == 1' }),
      ],
      [`error ${RULES}.0 never allows anything: the deny rule \`no\``],
    ],
    [
      'a condition that cannot be read',
      [rule('n', { tools: ['a'], when: 'principal.sub == "x"' })],
      [`error ${RULES}.0.when there is no field \`sub\``],
    ],
  ]
  it.each(cases)('%s', (_what, rules, beginnings) => {
    expectFindings(check({ policy: { rules } }), beginnings)
  })

  it('a default that deny rules for some callers do not settle', () => {
    const wide = { tools: ['*'], prompts: ['*'], resources: ['**'], effect: 'deny' } as const
    const settled = `error routes.0.policy.default never applies`
    expectFindings(check({ policy: { default: 'allow', rules: [rule('no', { ...wide, who })] } }), [])
    expectFindings(check({ policy: { default: 'allow', rules: [rule('no', wide)] } }), [settled])
  })
})

describe('rules that do nothing, or not what they seem to', () => {
  const cases: readonly [what: string, rules: ReturnType<typeof rule>[], beginnings: readonly string[]][] = [
    [
      'all excepted',
      [rule('r', { tools: ['a', 'b*'], except: ['a', 'b**'] })],
      [`error ${RULES}.0 never speaks`],
    ],
    ['partly excepted', [rule('r', { tools: ['a', 'b'], except: ['a'] })], []],
    [
      'denied as a whole',
      [rule('r', { tools: ['a'] }), rule('no', { effect: 'deny', tools: ['*'] })],
      [`error ${RULES}.0 never allows anything: the deny rule \`no\``],
    ],
    ['denied in part', [rule('r', { tools: ['*'] }), rule('no', { effect: 'deny', tools: ['a'] })], []],
    [
      'an idle except',
      [rule('r', { tools: ['a*'], except: ['b*'] })],
      [`warning ${RULES}.0.except.0 takes nothing away`],
    ],
    ['an except that overlaps', [rule('r', { tools: ['a*'], except: ['*b'] })], []],
    ['an except for resources', [rule('r', { tools: ['a'], resources: ['x://**'], except: ['x://y'] })], []],
    [
      'a brace',
      [rule('r', { resources: ['x://y', 'x://{id}'] })],
      [`warning ${RULES}.0.resources.1 a \`{\``],
    ],
    [
      'offline_access',
      [rule('r', { tools: ['a'], scopes: any('a', 'offline_access') })],
      [`warning ${RULES}.0.scopes \`offline_access\` is never asked for`],
    ],
  ]
  it.each(cases)('%s', (_what, rules, beginnings) => {
    expectFindings(check({ policy: { rules } }), beginnings)
  })

  it('too many ways to satisfy the scopes', () => {
    const scopes: ScopeExpression = {
      all: Array.from({ length: 9 }, (_, index) => any(`a${index}`, `b${index}`)),
    }
    const rules = [rule('r', { tools: ['a'], scopes }), rule('s', { tools: ['a'], scopes: any('x') })]
    expectFindings(check({ policy: { rules } }), [`error ${RULES}.0.scopes more than 256 sets`])
  })
})

describe('the rest of a policy', () => {
  const wide = { tools: ['*'], prompts: ['**'], resources: ['**'] }
  const cases: readonly [what: string, written: Written, beginnings: readonly string[]][] = [
    [
      'a default that never applies',
      { policy: { default: 'allow', rules: [rule('r', { ...wide, scopes: any('a') })] } },
      ['error routes.0.policy.default never applies'],
    ],
    [
      'a default that still applies',
      { policy: { default: 'allow', rules: [rule('r', { ...wide, except: ['a'], scopes: any('a') })] } },
      [],
    ],
    ['a default that denies', { policy: { rules: [rule('r', wide)] } }, []],
    [
      'D-11: anonymous methods',
      { policy: { anonymous: ['tools/list', 'x/y', 'z/z'], methods: new Map([['z/z', any('z')]]) } },
      ['error routes.0.policy.anonymous.1 unknown method `x/y`'],
    ],
    [
      'methods that are known',
      {
        policy: {
          methods: new Map([
            ['tools/call', any('a')],
            ['notifications/x', any('a')],
            ['tasks/list', any('a')],
          ]),
        },
      },
      [
        'error routes.0.policy.methods.tools/call `tools/call` is a method of MCP',
        'error routes.0.policy.methods.notifications/x `notifications/x` is a method of MCP',
      ],
    ],
    [
      'a limit on a tool that nobody may call',
      {
        policy: { rules: [rule('r', { tools: ['a*'] })] },
        perTool: new Map([['b', { count: 1, seconds: 60 }]]),
      },
      ['warning routes.0.limits.rate.per_tool.b no rule speaks of a tool `b`'],
    ],
    [
      'a limit on a tool that the default opens',
      { policy: { default: 'allow' }, perTool: new Map([['b', { count: 1, seconds: 60 }]]) },
      [],
    ],
  ]
  it.each(cases)('%s', (_what, written, beginnings) => {
    expectFindings(check(written), beginnings)
  })

  it('each route is checked, and only against itself', () => {
    const lonely = { policy: { rules: [rule('r', { tools: ['a'] })] } }
    const doubled = { policy: { rules: [rule('r', { tools: ['a'] }), rule('s', { tools: ['a'] })] } }
    expectFindings(check(lonely, lonely, doubled), ['error routes.2.policy.rules.1 shadowed by rule `r`'])
  })
})
