// What each entry of AuthSec's policy document becomes; what is not understood becomes nothing, which is denied.
import { describe, expect, test } from 'vitest'
import { readJsonObject } from '../../src/lib/strict-json.ts'
import { readSdkPolicy } from '../../src/remote/sdk-policy.ts'

function rulesOf(document: object, legacyEmpty: 'deny' | 'public' = 'deny') {
  const parsed = readJsonObject(Buffer.from(JSON.stringify(document)))
  const policy = parsed && readSdkPolicy(parsed, legacyEmpty)
  return policy?.rules.map(({ tools, scopes }) => [tools[0], scopes])
}

const entry = (written: unknown) => rulesOf({ policy_complete: true, tool_policy: [written] }, 'public')

describe('C1: an entry', () => {
  test.each([
    ['scoped', { name: 't', required_scopes: ['a', 'b'] }, [['t', { any: ['a', 'b'] }]]],
    ['public', { name: 't', is_public: true }, [['t', undefined]]],
    ['public as text', { name: 't', is_public: 'true' }, []],
    ['public as a number', { name: 't', is_public: 1 }, []],
    ['neither public nor scoped', { name: 't', is_public: false, required_scopes: [] }, []],
    ['scopes that are none', { name: 't', required_scopes: ['two words', 5] }, []],
    ['scopes as text', { name: 't', required_scopes: 'a' }, []],
    ['without a name', { is_public: true }, []],
    ['an empty name', { name: '', is_public: true }, []],
    ['a name that would be a pattern', { name: '*', is_public: true }, []],
    [
      'a name with a space at the end stays as it is (C15)',
      { name: 't ', is_public: true },
      [['t ', undefined]],
    ],
    ['no map', 'public', []],
    ['members of a form that nobody sends', { tool: 't', public: true }, []],
  ])('%s', (_name, written, expected) => {
    expect(entry(written)).toEqual(expected)
  })
})

describe('Y60, C5: `legacy_empty: public` is only for the older form', () => {
  test('an empty list is denied, unless the file says that it is public', () => {
    const document = { tools: { open: [], scoped: ['a'], odd: 'a' } }
    expect(rulesOf(document)).toEqual([['scoped', { any: ['a'] }]])
    expect(rulesOf(document, 'public')).toEqual([
      ['open', undefined],
      ['scoped', { any: ['a'] }],
    ])
  })

  test.each([
    [
      'a tool that an administrator left without scopes',
      [{ name: 't', is_public: false, required_scopes: [] }],
    ],
    ['no tools', []],
    ['tools that Go never made', null],
  ])('not beside tool_policy: %s', (_name, policy) => {
    expect(rulesOf({ policy_complete: true, tool_policy: policy, tools: { t: [] } }, 'public')).toEqual([])
  })
})

describe('the whole document', () => {
  const open = [{ name: 't', is_public: true }]
  test.each([
    ['incomplete', { policy_complete: false, tool_policy: open }, []],
    ['completeness of null', { policy_complete: null, tool_policy: open }, []],
    ['nothing of completeness', { tool_policy: open }, []],
    ['a state, and nothing of completeness', { state: 'ready', tools: { t: ['a'] } }, []],
    ['no policy', { generation: 3 }, []],
    ['completeness as text', { policy_complete: 'true', tool_policy: open }, undefined],
    ['complete, without tools', { policy_complete: true }, undefined],
    ['a policy that is no list', { policy_complete: true, tool_policy: {} }, undefined],
    ['a name that stands twice', { policy_complete: true, tool_policy: [...open, ...open] }, []],
    [
      'more tools than may be',
      { policy_complete: true, tool_policy: Array.from({ length: 10_001 }, () => ({ name: 't' })) },
      undefined,
    ],
  ])('%s', (_name, document, expected) => {
    expect(rulesOf(document)).toEqual(expected)
  })
})
