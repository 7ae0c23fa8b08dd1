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

describe('A90: trust_email', () => {
  const domains: ProviderAllow = { ...NOBODY, domains: ['example.com'] }
  const unsaid = { sub: 'sub-1', email: 'ada@example.com' }
  const rows: [string, Record<string, unknown>, boolean, boolean][] = [
    ['takes no word for yes', unsaid, true, true],
    ['does not take no for yes', { ...unsaid, email_verified: false }, true, false],
    ['does not take text for yes', { ...unsaid, email_verified: 'true' }, true, false],
    ['does not take null for yes', { ...unsaid, email_verified: null }, true, false],
    ['makes no address', { sub: 'sub-1' }, true, false],
    ['is off unless it is written', unsaid, false, false],
  ]
  test.each(rows)('%s', async (_name, userinfo, trustEmail, enters) => {
    way = await startWay(domains, 'oidc', { over: { trustEmail } })
    way.provider.userinfo = userinfo
    const answer = await way.signIn()
    if (enters) expectConsent(answer)
    else way.expectRefused(answer)
  })
})

describe('who was refused, and why, is on record', () => {
  const rows: [string, ProviderAllow, Record<string, unknown>, string][] = [
    [
      'unverified',
      { ...NOBODY, domains: ['a.example'] },
      { email_verified: false },
      'does not say that the email was verified',
    ],
    ['no address', { ...NOBODY, domains: ['a.example'] }, { email: undefined }, 'gives no email'],
    ['another domain', { ...NOBODY, domains: ['a.example'] }, {}, 'the domain is not listed'],
    ['no groups', { ...NOBODY, groups: ['staff'] }, {}, 'names no groups'],
    ['other groups', { ...NOBODY, groups: ['staff'] }, { groups: ['guests'] }, 'in none of the groups'],
    [
      'another subject',
      { ...NOBODY, subjects: ['sub-2'], groups: ['a'] },
      {},
      'the subject is not listed; the provider names no groups',
    ],
  ]
  test.each(rows)('%s', async (_name, allow, userinfo, reason) => {
    way = await startWay(allow)
    way.provider.userinfo = { ...way.provider.userinfo, ...userinfo }
    way.expectRefused(await way.signIn())
    const told = way.scene.events.at(-1)
    expect(told).toMatchObject({ actor: 'fake:sub-1', subject: 'fake:sub-1' })
    expect(told?.detail).toContain(reason)
    expect(told?.detail).not.toMatch(/guests|ada@/)
  })

  test('somebody whom the operator disabled', async () => {
    way = await startWay(EVERYBODY)
    expectConsent(await way.signIn())
    await way.scene.users.setDisabled('fake:sub-1', true)
    way.expectRefused(await way.signIn())
    expect(way.scene.events.at(-1)).toMatchObject({ subject: 'fake:sub-1', detail: 'fake: disabled' })
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
    expect((await way.scene.users.find('fake:42'))?.provider).toBe('fake')
  })
})
