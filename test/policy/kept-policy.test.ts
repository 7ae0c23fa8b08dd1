// A policy as text and back: it decides the same, equal policies have equal texts, and no secret is in one.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { contentDigest } from '../../src/lib/content-digest.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { keptPolicyText, type PolicyOptions, readKeptPolicy } from '../../src/policy/kept-policy.ts'
import { compiled, ISSUERS, policy, rule } from './policies.ts'
import { options } from './random.ts'

const FULL: PolicyOptions = {
  policy: policy({
    ...{ default: 'allow', listing: 'requestable', anonymous: ['ping'], mode: 'observe' },
    methods: new Map([['x/y', { all: ['a', { any: ['b', 'c'] }] }]]),
    rules: [
      rule('one', {
        ...{ tools: ['add_*'], except: ['add_x'], scopes: { any: ['a', { all: ['b', 'c'] }] } },
        ...{ requireActive: true, denial: 'in_band', when: 'tool.readOnlyHint' },
        who: {
          ...{ subjects: ['ada'], clients: ['desk'], roles: ['admin'], issuers: ['corp'] },
          groups: { claim: 'groups', any: ['x'] },
        },
      }),
      rule('two', { effect: 'deny', resources: ['file:///**'], mode: 'observe' }),
    ],
  }),
  baseline: ['base'],
  scopesImply: new Map([['admin', ['a', 'b']]]),
  issuers: ISSUERS,
  annotations: new Map([['add_1', { readOnlyHint: true }]]),
}

describe('a kept policy', () => {
  test('comes back whole', () => {
    expect(readKeptPolicy(keptPolicyText(FULL))).toEqual(FULL)
  })

  test('any policy comes back as one that has the same text', () => {
    fc.assert(
      fc.property(options, (written) => {
        const text = keptPolicyText(written)
        const read = readKeptPolicy(text)
        expect(read && keptPolicyText(read)).toBe(text)
        expect(read && compilePolicy(read).inForce().digest).toBe(contentDigest(text))
      }),
    )
  })

  test('says where its rules came from neither with a secret nor at all', () => {
    const remote = {
      ...({ kind: 'authsec', url: 'https://authsec.example', resourceServer: 'r', clientId: 'c' } as const),
      ...{ secret: new Secret('hush'), publishManifest: false, suggestedScopes: new Map(), orLocal: false },
      legacyEmpty: 'deny' as const,
    }
    const text = keptPolicyText({ ...FULL, policy: { ...FULL.policy, remote } })
    expect(text).toBe(keptPolicyText(FULL))
  })

  test('a rule says the same only while the annotations of the tool are the same', () => {
    const terms = (readOnlyHint: boolean, target = 'add_1', name = 'one') =>
      compilePolicy({ ...FULL, annotations: new Map([['add_1', { readOnlyHint }]]) }).termsOf(name, target)
    const read = readKeptPolicy(keptPolicyText(FULL))
    expect(read && compilePolicy(read).termsOf('one', 'add_1')).toBe(terms(true))
    expect(terms(false)).not.toBe(terms(true))
    expect(terms(false, 'add_2')).toBe(terms(true, 'add_2'))
    expect(terms(true, 'add_1', 'two')).toBeUndefined()
  })

  test('annotations are kept only where a condition may ask for them', () => {
    const plain = { ...FULL, policy: policy({ rules: [rule('a', { tools: ['a'] })] }) }
    expect(keptPolicyText(plain)).not.toContain('readOnlyHint')
  })

  test.each([
    ['no JSON', 'x'],
    ['another object', '{"a":1}'],
    ['a later form', keptPolicyText(FULL).replace('"portcullis_policy": 1', '"portcullis_policy": 2')],
    ['half of one', JSON.stringify({ portcullis_policy: 1, policy: { rules: [] } })],
  ])('%s is none', (_what, text) => {
    expect(readKeptPolicy(text)).toBeUndefined()
  })
})

test('the digest changes with what decides, and with nothing else', () => {
  const digest = (name: string) => compiled({ rules: [rule(name, { tools: ['a'] })] }).inForce().digest
  expect(digest('a')).toBe(digest('a'))
  expect(digest('a')).not.toBe(digest('b'))
  expect(digest('a')).toMatch(/^[0-9a-f]{64}$/)
})

test('the roles that a policy names, in `who` and in conditions', () => {
  const named = (when: string) => [
    ...compiled({
      rules: [
        rule('a', { tools: ['a'], when }),
        rule('b', {
          tools: ['a'],
          who: {
            roles: ['b'],
            subjects: undefined,
            clients: undefined,
            issuers: undefined,
            groups: undefined,
          },
        }),
      ],
    }).inForce().rolesNamed,
  ]
  expect(named('"x" in principal.roles && !("y" in principal["roles"])').sort()).toEqual(['b', 'x', 'y'])
  expect(named('args.z == "z"')).toEqual(['b'])
})

describe('what rules answered that look at what no line has', () => {
  const call = {
    ...({ kind: 'request', id: '1', method: 'tools/call', taskId: undefined, mayCreateTask: false } as const),
    targets: [{ kind: 'tool', name: 'a' } as const],
    args: () => ({ n: 5 }),
  }
  const answers = (when: string, mode: 'enforce' | 'observe' = 'enforce') =>
    compiled({ mode, rules: [rule('r', { tools: ['*'], when })] }).decide(
      {
        ...{ issuer: 'i', subject: 'ada', key: 'k', clientId: 'desk', scopes: new Set(), roles: ['admin'] },
        ...{ expiresAt: 0, boundKey: undefined, claims: { dept: 'x' } },
      },
      { era: 'modern', calls: [call] },
      { now: 0, address: '192.0.2.7', route: 'notes' },
    ).answers

  test.each([
    ['args.n > 3', 'true'],
    ['args.n > 9', 'false'],
    ['args.missing == 1', 'fault'],
    ['principal.claims.dept == "x"', 'true'],
    ['principal["claims"].dept == "x"', 'true'],
    ['principal.roles.exists(r, r == "admin")', 'true'],
    ['size(principal.roles) == 1', 'true'],
  ])('%s', (when, says) => {
    expect(answers(when)).toEqual([{ rule: 'r', target: 'a', says }])
    expect(answers(when, 'observe')).toEqual(answers(when))
  })

  test.each([
    'principal.subject == "ada" && client.id == "desk"',
    '"admin" in principal.roles && has(principal.roles)',
    'call.target == "a" && request.address != "x"',
    'now < timestamp("2030-01-01T00:00:00Z")',
  ])('%s can be asked again', (when) => {
    expect(answers(when)).toBeUndefined()
  })
})
