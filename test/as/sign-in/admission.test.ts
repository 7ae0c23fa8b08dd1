// Who of an outside provider may come in: by subject, checked domain, group or organization, and nobody else.
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderAllow } from '../../../src/core/settings-as.ts'
import type { FakeProvider } from '../support/provider.ts'
import { EVERYBODY, expectConsent, NOBODY, startWay, type Way } from '../support/way.ts'

let way: Way
afterEach(() => way.close())

describe('who may come in', () => {
  const rows: [string, ProviderAllow, Record<string, unknown>, boolean][] = [
    ['nobody when nothing is said', NOBODY, {}, false],
    ['a subject', { ...NOBODY, subjects: ['sub-1'] }, {}, true],
    ['another subject', { ...NOBODY, subjects: ['sub-2'] }, {}, false],
    ['the domain of a checked address', { ...NOBODY, domains: ['Example.com'] }, {}, true],
    [
      'the domain of an unchecked address',
      { ...NOBODY, domains: ['example.com'] },
      { email_verified: false },
      false,
    ],
    ['email_verified as text', { ...NOBODY, domains: ['example.com'] }, { email_verified: 'true' }, false],
    ['a domain that only ends alike', { ...NOBODY, domains: ['ple.com'] }, {}, false],
    ['two at signs', { ...NOBODY, domains: ['example.com'] }, { email: 'a@example.com@evil.com' }, false],
    ['a group', { ...NOBODY, groups: ['staff'] }, { groups: ['staff'] }, true],
    ['a group that is not a list', { ...NOBODY, groups: ['staff'] }, { groups: 'staff' }, false],
  ]
  test.each(rows)('%s', async (_name, allow, userinfo, enters) => {
    way = await startWay(allow)
    way.provider.userinfo = { ...way.provider.userinfo, ...userinfo }
    const answer = await way.signIn()
    if (enters) expectConsent(answer)
    else way.expectRefused(answer)
  })
})

describe('a plain OAuth 2.0 provider with the API of GitHub', () => {
  const emails = [
    { email: 'spare@evil.com', primary: false, verified: true },
    { email: 'ada@example.com', primary: true, verified: true },
  ]
  const rows: [string, ProviderAllow, Partial<FakeProvider>, boolean][] = [
    ['an organization', { ...NOBODY, organizations: ['ACME'] }, { organizations: [{ login: 'acme' }] }, true],
    [
      'another organization',
      { ...NOBODY, organizations: ['acme'] },
      { organizations: [{ login: 'acme2' }] },
      false,
    ],
    ['the primary checked address', { ...NOBODY, domains: ['example.com'] }, { emails }, true],
    ['an address that is not primary', { ...NOBODY, domains: ['evil.com'] }, { emails }, false],
    ['the public address alone', { ...NOBODY, domains: ['example.com'] }, {}, false],
    ['G11: no id', EVERYBODY, { userinfo: { login: 'ada' } }, false],
    ['G11: 401', EVERYBODY, { userinfo: { status: 401, body: '{}' } }, false],
    ['G11: HTML', EVERYBODY, { userinfo: { type: 'text/html', body: '<html>' } }, false],
    ['G11: a list', EVERYBODY, { userinfo: { body: '[]' } }, false],
  ]
  test.each(rows)('%s', async (_name, allow, said, enters) => {
    way = await startWay(allow, 'oauth')
    Object.assign(way.provider, { userinfo: { id: 42, login: 'ada', email: 'ada@example.com' } }, said)
    const answer = await way.signIn()
    if (!enters) return way.expectRefused(answer)
    expectConsent(answer)
    expect(way.scene.users.find('fake:42')?.provider).toBe('fake')
  })
})
