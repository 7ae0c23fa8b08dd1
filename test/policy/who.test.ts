// `who`: all keys must fit, one value of each is enough, and everything is compared exactly.
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../src/core/principal.ts'
import type { WhoSettings } from '../../src/core/settings.ts'
import { compileWho } from '../../src/policy/who.ts'
import { AROUND, compiled, holder, ISSUERS, rule, tool } from './policies.ts'

const NOBODY: WhoSettings = {
  subjects: undefined,
  clients: undefined,
  roles: undefined,
  issuers: undefined,
  groups: undefined,
}
const ALICE: Principal = {
  ...holder([]),
  roles: ['staff', 'ops'],
  claims: {
    groups: ['dev'],
    team: 'red',
    realm: { groups: ['deep'] },
    'https://x.example/groups': ['url'],
    n: [1],
  },
}

describe('who fits alice', () => {
  const groups = (claim: string, ...any: string[]) => ({ groups: { claim, any } })
  const cases: readonly (readonly [who: Partial<WhoSettings>, fits: boolean])[] = [
    [{ subjects: ['bob', 'alice'] }, true],
    [{ subjects: ['Alice'] }, false],
    [{ subjects: ['*'] }, false],
    [{ clients: ['client'] }, true],
    [{ roles: ['ops', 'root'] }, true],
    [{ roles: ['root'] }, false],
    [{ issuers: ['corp'] }, true],
    [{ issuers: ['other'] }, false],
    [{ issuers: ['unheard-of'] }, false],
    [{ subjects: ['alice'], clients: ['other'] }, false],
    [{ subjects: ['alice'], issuers: ['corp'], roles: ['staff'] }, true],
    [groups('groups', 'dev', 'ops'), true],
    [groups('groups', 'de'), false],
    [groups('team', 'red'), true],
    [groups('realm.groups', 'deep'), true],
    [groups('https://x.example/groups', 'url'), true],
    [groups('none', 'undefined'), false],
    [groups('n', '1'), false],
    [groups('__proto__', 'x'), false],
    [groups('groups.length', '1'), false],
  ]
  it.each(cases)('%j: %s', (who, fits) => {
    expect(compileWho({ ...NOBODY, ...who }, ISSUERS)(ALICE)).toBe(fits)
  })

  it('a caller without a client id is no client', () => {
    expect(compileWho({ ...NOBODY, clients: [''] }, ISSUERS)({ ...ALICE, clientId: undefined })).toBe(false)
  })
})

describe('rules for some callers', () => {
  const bots = { ...NOBODY, clients: ['ci-bot'] }
  const policy = compiled({
    anonymous: ['tools/call'],
    rules: [
      rule('all', { tools: ['*'], scopes: { any: ['use'] } }),
      rule('ops', { tools: ['deploy'], who: { ...NOBODY, roles: ['ops'] } }),
      rule('no-bots', { effect: 'deny', tools: ['delete_*'], who: bots }),
    ],
  })
  const bot: Principal = { ...holder(['use']), clientId: 'ci-bot' }
  const decide = (principal: Principal | undefined, name: string) =>
    policy.decide(principal, { era: 'modern', calls: [tool(name)] }, AROUND)

  it('a deny rule for one client denies that client only', () => {
    expect(decide(bot, 'delete_a')).toMatchObject({ rule: 'no-bots', refusal: { reason: 'call_forbidden' } })
    expect(decide(holder(['use']), 'delete_a').refusal).toBeUndefined()
    expect(decide(bot, 'list').refusal).toBeUndefined()
  })

  it('an allow rule for a role opens its target to that role, and hides nothing from others', () => {
    expect(decide({ ...holder([]), roles: ['ops'] }, 'deploy')).toMatchObject({
      rule: 'ops',
      refusal: undefined,
    })
    expect(decide(holder([]), 'deploy').refusal).toMatchObject({ reason: 'scope_missing', missing: ['use'] })
  })

  it('default: allow is not taken away by a deny rule that means somebody else', () => {
    const open = compiled({
      default: 'allow',
      rules: [rule('no', { effect: 'deny', tools: ['x'], who: bots })],
    })
    const verdict = (principal: Principal) =>
      open.decide(principal, { era: 'modern', calls: [tool('x')] }, AROUND).rule
    expect([verdict(holder([])), verdict(bot)]).toEqual(['default', 'no'])
  })

  it('D-11: nobody is neither meant nor not meant: a deny rule with who denies a caller without a token', () => {
    const open = compiled({
      anonymous: ['tools/call'],
      rules: [rule('free', { tools: ['*'] }), rule('no-bots', { effect: 'deny', tools: ['x'], who: bots })],
    })
    const of = (name: string) => open.decide(undefined, { era: 'modern', calls: [tool(name)] }, AROUND)
    expect([of('x').refusal?.reason, of('y').refusal]).toEqual(['token_missing', undefined])
    expect(of('x').faulty).toEqual(['no-bots: nobody is signed in'])
    expect(open.shows(undefined, 'tool', 'x', AROUND)).toBe(true)
  })
})
