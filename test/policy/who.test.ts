// `who`: all keys must fit, one value of each is enough, and everything is compared exactly.
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../src/core/principal.ts'
import type { WhoSettings } from '../../src/core/settings-who.ts'
import { certainly, compileWho } from '../../src/policy/who.ts'
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
    nothing: null,
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
    [groups('n', '1'), false],
    [groups('nothing', 'null'), false],
  ]
  it.each(cases)('%j: %s', (who, fits) => {
    expect(compileWho({ ...NOBODY, ...who }, ISSUERS)(ALICE)).toBe(fits)
  })

  const BARE: Principal = { ...ALICE, clientId: undefined, roles: undefined }
  const undecided: readonly (readonly [who: Partial<WhoSettings>, why: string])[] = [
    [{ clients: ['', 'client'] }, 'the token names no client'],
    [{ roles: ['ops'] }, 'the token has no claim for roles'],
    [{ roles: ['ops'], subjects: ['alice'] }, 'the token has no claim for roles'],
    [groups('none', 'undefined'), 'the token has no claim `none`'],
    [groups('__proto__', 'x'), 'the token has no claim `__proto__`'],
    [groups('groups.length', '1'), 'the token has no claim `groups.length`'],
    [groups('realm.roles', 'x'), 'the token has no claim `realm.roles`'],
  ]
  it.each(undecided)('M82 %j: %s', (who, why) => {
    const meant = compileWho({ ...NOBODY, ...who }, ISSUERS)
    expect(meant(BARE)).toMatchObject({ why })
    expect(certainly(meant)(BARE)).toBe(false)
  })

  it('M82 a key that does not fit decides, whatever another one lacks', () => {
    const who = { ...NOBODY, clients: ['client'], subjects: ['bob'] }
    expect(compileWho(who, ISSUERS)(BARE)).toBe(false)
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

  it('M82 a deny rule for one client denies a token that names none, and tells why', () => {
    const bare = { ...holder(['use']), clientId: undefined }
    const decision = decide(bare, 'delete_a')
    expect(decision).toMatchObject({ rule: 'no-bots', refusal: { reason: 'call_forbidden' } })
    expect(decision.faulty).toEqual(['no-bots: the token names no client'])
    expect(policy.shows(bare, 'tool', 'delete_a', AROUND)).toBe(false)
    expect(decide(bare, 'list')).toMatchObject({ refusal: undefined })
    expect(decide(bare, 'list').faulty).toBeUndefined()
  })

  it('M82 a condition on a client or a role that the token lacks has no answer either', () => {
    const strict = compiled({
      default: 'allow',
      rules: [
        rule('bots', { effect: 'deny', tools: ['a'], when: 'client.id == "ci-bot"' }),
        rule('ops', { effect: 'deny', tools: ['b'], when: 'principal.roles.exists(r, r == "ops")' }),
        rule('careful', { effect: 'deny', tools: ['c'], when: 'has(client.id) && client.id == "ci-bot"' }),
      ],
    })
    const bare = { ...holder([]), clientId: undefined, roles: undefined }
    const ruled = ['a', 'b', 'c'].map(
      (name) => strict.decide(bare, { era: 'modern', calls: [tool(name)] }, AROUND).rule,
    )
    expect(ruled).toEqual(['bots', 'ops', 'default'])
  })

  it('M82 an allow rule that may not mean the caller opens nothing, and is no fault', () => {
    const bare = { ...holder([]), roles: undefined }
    expect(decide(bare, 'deploy')).toMatchObject({ refusal: { reason: 'scope_missing' } })
    expect(decide(bare, 'deploy').faulty).toBeUndefined()
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

  it('D-11: without a principal, who is unknown: a deny rule with who denies a caller without a token', () => {
    const open = compiled({
      anonymous: ['tools/call'],
      rules: [rule('free', { tools: ['*'] }), rule('no-bots', { effect: 'deny', tools: ['x'], who: bots })],
    })
    const of = (name: string) => open.decide(undefined, { era: 'modern', calls: [tool(name)] }, AROUND)
    expect([of('x').refusal?.reason, of('y').refusal]).toEqual(['token_missing', undefined])
    expect(of('x').faulty).toEqual(['no-bots: the caller has no token'])
    expect(open.shows(undefined, 'tool', 'x', AROUND)).toBe(true)
  })
})
