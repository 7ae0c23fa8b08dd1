// What each entry of AuthSec's policy document becomes; what is not understood becomes nothing, which is denied.
import { describe, expect, test } from 'vitest'
import { readSdkPolicy } from '../../src/remote/sdk-policy.ts'
import { readJsonObject } from '../../src/token/json.ts'

function rulesOf(document: object, legacyEmpty: 'deny' | 'public' = 'deny') {
  const parsed = readJsonObject(Buffer.from(JSON.stringify(document)))
  const policy = parsed && readSdkPolicy(parsed, legacyEmpty)
  return policy?.rules.map(({ tools, scopes }) => [tools[0], scopes])
}

const mapped = (mapping: unknown) => rulesOf({ policy_complete: true, mappings: [mapping] })

describe('C1: an entry', () => {
  test.each([
    ['scoped', { tool: 't', required_scopes: ['a', 'b'] }, [['t', { any: ['a', 'b'] }]]],
    ['public', { tool: 't', public: true }, [['t', undefined]]],
    ['public as text', { tool: 't', public: 'true' }, []],
    ['neither public nor scoped', { tool: 't', public: false, required_scopes: [] }, []],
    ['scopes that are none', { tool: 't', required_scopes: ['two words', 5] }, []],
    ['scopes as text', { tool: 't', required_scopes: 'a' }, []],
    ['without a name', { public: true }, []],
    ['an empty name', { tool: '', public: true }, []],
    ['a name that would be a pattern', { tool: '*', public: true }, []],
    [
      'a name with a space at the end stays as it is (C15)',
      { tool: 't ', public: true },
      [['t ', undefined]],
    ],
    ['no map', 'public', []],
  ])('%s', (_name, mapping, expected) => {
    expect(mapped(mapping)).toEqual(expected)
  })
})

describe('C5: the older form', () => {
  test('an empty list is denied, unless the file says that it is public', () => {
    const document = { tools: { open: [], scoped: ['a'], odd: 'a' } }
    expect(rulesOf(document)).toEqual([['scoped', { any: ['a'] }]])
    expect(rulesOf(document, 'public')).toEqual([
      ['open', undefined],
      ['scoped', { any: ['a'] }],
    ])
  })
})

describe('the whole document', () => {
  test.each([
    ['incomplete', { policy_complete: false, mappings: [{ tool: 't', public: true }] }, []],
    ['completeness unknown', { policy_complete: null, mappings: [] }, undefined],
    ['no policy', { generation: 3 }, undefined],
    ['mappings that are no list', { mappings: {} }, undefined],
    [
      'more tools than may be',
      { mappings: Array.from({ length: 10_001 }, () => ({ tool: 't' })) },
      undefined,
    ],
  ])('%s', (_name, document, expected) => {
    expect(rulesOf(document)).toEqual(expected)
  })
})
