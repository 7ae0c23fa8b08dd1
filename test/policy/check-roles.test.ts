// Rules for roles on a route whose issuers do not say which claim holds them.
import { expect, test } from 'vitest'
import { checkPolicies } from '../../src/policy/check.ts'
import { file, settingsOf } from '../config/support.ts'

const RULES = [
  '{ name: ops, tools: [deploy], who: { roles: [ops] } }',
  '{ name: no-bots, effect: deny, tools: [drop], who: { roles: [bot] } }',
]

function found(issuer: string): readonly string[] {
  const findings = checkPolicies(settingsOf(file({ rules: RULES, issuer })))
  return findings.map(({ severity, path, message }) => `${severity} ${path.join('.')} ${message}`)
}

test('M82 where no issuer says which claim holds roles, check warns', () => {
  expect(found('')).toEqual([
    expect.stringMatching(/^warning routes.0.policy.rules.0.who.roles .*this rule opens nothing; set/),
    expect.stringMatching(/^warning routes.0.policy.rules.1.who.roles .*this rule denies everybody; set/),
  ])
})

test('where one does, it is silent', () => {
  expect(found('claims: { roles: realm_access.roles }')).toEqual([])
})
