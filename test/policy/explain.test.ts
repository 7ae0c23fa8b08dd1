import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { formatExplanation } from '../../src/policy/explain.ts'
import { AROUND, callOf, compiled, holder, rule, tool, use } from './policies.ts'

const policy = compiled(
  {
    methods: new Map([['custom/thing', { any: ['thing'] }]]),
    rules: [
      rule('writing', { tools: ['*_note'], except: ['purge_note'], scopes: { any: ['write', 'all'] } }),
      rule('purge', { tools: ['purge_note'], scopes: { all: ['write', 'admin'] }, requireActive: true }),
      rule('no', { effect: 'deny', tools: ['drop_note'] }),
      rule('files', { resources: ['notes://**'] }),
    ],
  },
  ['read'],
  { admin: ['write'] },
)

describe('a decision in sentences', () => {
  const cases: readonly [scopes: readonly string[], call: Call, sentences: readonly string[]][] = [
    [
      ['read', 'admin'],
      tool('purge_note'),
      [
        'allowed by `purge`, if the issuer still calls the token active',
        'baseline: `read` held',
        'tool `purge_note`: rule `writing` would speak of it, but its `except` names it',
        'tool `purge_note`: rule `purge` allows it: its scopes are held',
        'tool `purge_note`: rule `no` does not speak of it',
        'tool `purge_note`: rule `files` does not speak of it',
      ],
    ],
    [
      [],
      tool('drop_note'),
      [
        'refused: call_forbidden, by `no`',
        'baseline: `read` missing',
        'tool `drop_note`: rule `writing` would allow it with `write`, or with `all`',
        'tool `drop_note`: rule `purge` does not speak of it',
        'tool `drop_note`: rule `no` denies it',
        'tool `drop_note`: rule `files` does not speak of it',
      ],
    ],
    [
      ['read', 'write'],
      use('resource', 'notes://a/../b'),
      [
        'refused: call_forbidden, by `unsafe_uri`',
        'baseline: `read` held',
        'resource `notes://a/../b`: refused, because readers may resolve this URI differently',
      ],
    ],
    [
      ['read'],
      callOf('custom/thing'),
      [
        'refused: `methods.custom/thing` needs `thing`; the challenge asks for `read` and `thing`',
        'baseline: `read` held',
        'method `custom/thing` is opened by `policy.methods`',
      ],
    ],
    [
      ['read'],
      callOf('tools/callx'),
      [
        'refused: method_unknown, by `methods`',
        'baseline: `read` held',
        "method `tools/callx` is not one of MCP's and `policy.methods` does not name it",
      ],
    ],
    [
      ['read'],
      callOf('tools/list'),
      ['allowed by `baseline`', 'baseline: `read` held', 'method `tools/list` needs the baseline only'],
    ],
  ]
  it.each(cases)('%j %j', (scopes, call, sentences) => {
    expect(formatExplanation(policy.explain(holder(scopes), call, AROUND))).toEqual(sentences)
  })

  it('names the default when no rule speaks, and a baseline of nothing', () => {
    const open = compiled({ default: 'allow', rules: [rule('r', { tools: ['a'] })] })
    expect(formatExplanation(open.explain(holder([]), tool('b'), AROUND))).toEqual([
      'allowed by `default`',
      'baseline: no scope is needed',
      'tool `b`: rule `r` does not speak of it',
      'tool `b`: no rule speaks of it; the default is allow',
    ])
  })
})

it('a decision as data survives JSON', () => {
  const told = policy.explain(holder(['read', 'write', 'foreign']), tool('purge_note'), AROUND)
  expect(JSON.parse(JSON.stringify(told))).toEqual({
    method: 'tools/call',
    kind: 'targeted',
    decision: 'scope_missing',
    rule: 'purge',
    active: false,
    granted: ['foreign', 'read', 'write'],
    baseline: { needed: ['read'], missing: [] },
    missing: ['admin'],
    challenge: ['admin', 'read', 'write'],
    default: 'deny',
    targets: [
      {
        kind: 'tool',
        name: 'purge_note',
        judgeable: true,
        rules: [
          { name: 'writing', effect: 'allow', says: 'excepted', missing: [] },
          { name: 'purge', effect: 'allow', says: 'scopes_missing', missing: [['admin']] },
          { name: 'no', effect: 'deny', says: 'silent', missing: [] },
          { name: 'files', effect: 'allow', says: 'silent', missing: [] },
        ],
      },
    ],
  })
})
