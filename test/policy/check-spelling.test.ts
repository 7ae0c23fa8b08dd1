// A pattern that no judged URI can match is a mistake in the file.
import { expect, test } from 'vitest'
import { checkPolicies } from '../../src/policy/check.ts'
import { file, settingsOf } from '../config/support.ts'

function errors(pattern: string): readonly string[] {
  const findings = checkPolicies(settingsOf(file({ rules: [`{ name: r, resources: ['${pattern}'] }`] })))
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path.join('.')} ${message}`)
}

test.each([
  'notes://me@hr/**',
  'notes://hr:/*',
  'https://a.example:0443/*',
  'file:///a//b',
  'notes://a?q=a+b',
  'notes://a#',
  'https://*',
])('M86 %s never matches', (pattern) => {
  expect(errors(pattern)).toEqual([
    expect.stringMatching(/^routes.0.policy.rules.0.resources.0 never matches: /),
  ])
})

test.each([
  '**',
  '*',
  'https://*.example.com:*/**',
  'notes://{id}',
  'file:///My Secret/*',
  'https://a.example:443/',
])('M86 %s may match', (pattern) => expect(errors(pattern)).toEqual([]))
