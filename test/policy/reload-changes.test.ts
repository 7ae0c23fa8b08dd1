// What the audit is told of a reload: names that are wider, counts, and nothing where no policy changed.
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import type { Settings } from '../../src/core/settings.ts'
import { contentDigest } from '../../src/lib/content-digest.ts'
import { compilePolicy, policyOptions } from '../../src/policy/compile.ts'
import { policiesDigest, policyChanges } from '../../src/policy/reload-changes.ts'

function settings(rules: readonly string[], more = '', route = '', issuer = 'https://as.example'): Settings {
  const text = `
public_url: https://m.example
issuers: { as1: { issuer: ${issuer} } }
routes:
  - name: notes
    path: /mcp
    upstream: http://127.0.0.1:3001/mcp
    issuers: [as1]
    ${route}
    policy:
      ${more}
      rules: [${rules.join(', ')}]`
  const loaded = parseConfig(text, { file: 'gateway.yaml', env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.settings
}

const READ = '{ name: read, tools: [list], scopes: [a] }'
const PURGE = '{ name: purge, tools: [purge], scopes: [admin] }'
const told = (before: Settings, after: Settings) =>
  policyChanges(before, after).map(({ event, detail }) => `${event} ${detail}`)

describe('D4: a reload', () => {
  test.each([
    ['the same file', settings([READ]), settings([READ]), []],
    [
      'another place for the baseline',
      settings([READ], '', 'scopes: [a]'),
      settings([READ], '', 'scopes: [a]'),
      [],
    ],
    [
      'a rule more',
      settings([READ]),
      settings([READ, PURGE]),
      [
        'policy_changed 1 wider, 0 narrower',
        'policy_widened notes: tool purge with admin: refused → allowed',
      ],
    ],
    ['a rule less', settings([READ, PURGE]), settings([READ]), ['policy_changed 0 wider, 1 narrower']],
    [
      'a rule that needs no scope any more',
      settings([READ, PURGE]),
      settings([READ, '{ name: purge, tools: [purge] }']),
      ['policy_changed 1 wider, 0 narrower', 'policy_widened notes: tool purge: refused → allowed'],
    ],
    [
      'only a name',
      settings([READ]),
      settings(['{ name: reading, tools: [list], scopes: [a] }']),
      ['policy_changed 0 wider, 0 narrower'],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(told(before, after)).toEqual(expected)
  })

  test('another issuer under the same name is another policy', () => {
    const [before, after] = [settings([READ]), settings([READ], '', '', 'https://other.example')]
    expect(told(before, after)).toEqual(['policy_changed 0 wider, 0 narrower'])
    expect(policiesDigest(after)).not.toBe(policiesDigest(before))
  })

  test('the digest of all policies is made of those that audit lines have', () => {
    const loaded = settings([READ])
    const [route] = loaded.routes
    const digest = route && compilePolicy(policyOptions(loaded, route)).inForce().digest
    expect(policiesDigest(loaded)).toBe(contentDigest(`notes ${digest}\n`))
  })

  test('a default that opens everything', () => {
    const [counts, ...wider] = told(settings([READ]), settings([READ], 'default: allow'))
    expect(counts).toMatch(/^policy_changed \d+ wider/)
    expect(wider.join('\n')).toContain('(anything else)')
  })

  test('more names than are compared are counted, and what is named is bounded', () => {
    const many = Array.from({ length: 200 }, (_, index) => `{ tools: [t${index}] }`)
    const [counts, ...wider] = told(settings([READ]), settings([READ, ...many]))
    expect(counts).toMatch(/wider, 0 narrower; \d+ more names were not compared, see portcullis diff$/)
    expect(wider).toHaveLength(20)
  })
})
