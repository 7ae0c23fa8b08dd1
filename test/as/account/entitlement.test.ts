// `grants:` of the file: who may be given what, and whose word on it counts.
import { expect, test } from 'vitest'
import { entitledScopes } from '../../../src/as/account/entitlement.ts'
import type { Person } from '../../../src/as/store/users.ts'
import type { ScopeGrant } from '../../../src/core/settings-as.ts'

type Who = ScopeGrant['who']

const NOBODY: Who = { subjects: [], domains: [], groups: [], providers: [] }

const ADA: Person = {
  subject: 'okta:1',
  provider: 'okta',
  vouchedBy: 'https://a.example',
  name: 'Ada',
  email: 'ada@Example.com',
  emailVerified: true,
  groups: ['staff'],
  disabled: false,
  hasPassword: false,
  signedInAt: undefined,
  sessionsEndedAt: undefined,
}

const LOCAL: Person = { ...ADA, subject: 'ada', provider: undefined, vouchedBy: undefined }

const rows: readonly (readonly [name: string, who: Partial<Who>, person: Person, fits: boolean])[] = [
  ['everybody', { subjects: ['*'] }, ADA, true],
  ['a subject', { subjects: ['okta:1'] }, ADA, true],
  ['a subject, whatever provider counts', { subjects: ['okta:1'], providers: ['github'] }, ADA, true],
  ['a domain', { domains: ['example.com'] }, ADA, true],
  ['a domain that nobody verified', { domains: ['example.com'] }, { ...ADA, emailVerified: false }, false],
  ['a group', { groups: ['staff'] }, ADA, true],
  ['another group', { groups: ['admins'] }, ADA, false],
  ['a group of a provider that counts', { groups: ['staff'], providers: ['github', 'okta'] }, ADA, true],
  ['the same group at another provider', { groups: ['staff'], providers: ['github'] }, ADA, false],
  ['the same domain at another provider', { domains: ['example.com'], providers: ['github'] }, ADA, false],
  ['somebody of no provider, where one counts', { groups: ['staff'], providers: ['okta'] }, LOCAL, false],
  ['nobody', {}, ADA, false],
]

test.each(rows)('%s', (_, who, person, fits) => {
  const grants = [{ who: { ...NOBODY, ...who }, scopes: ['notes:read'] }]
  const scopes = ['openid', 'notes:read', 'notes:write']
  expect(entitledScopes(grants, person, scopes)).toEqual(fits ? ['openid', 'notes:read'] : ['openid'])
})
