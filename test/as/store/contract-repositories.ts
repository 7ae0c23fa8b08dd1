// What any store must hold: what each repository keeps, and what goes together.
import { expect, test } from 'vitest'
import { makeSigningKey } from '../../../src/as/store/keys.ts'
import { REVOCATION_LIFE_MS } from '../../../src/as/store/revocations.ts'
import type { Store } from '../../../src/as/store/store.ts'

const PERSON = {
  ...{ subject: 'fake:ada', provider: 'fake', vouchedBy: 'https://one.example', name: 'Ada' },
  ...{ email: 'ada@example.com', emailVerified: true, groups: ['staff'] },
}

/** @param later moves the clock of the store */
export function holdsRepositories(opened: () => Store, later: (ms: number) => void): void {
  test('artifacts: found by what they are known by, gone with their time and with their grant', async () => {
    const { artifacts } = opened()
    const session = { jti: 'x', uid: 'uid', accountId: 'ada', grantId: 'g' }
    await artifacts.save('Session', 'x', session, 60)
    await artifacts.save('DeviceCode', 'd', { userCode: 'ABCD', grantId: 'g' }, 600)
    expect((await artifacts.find('Session', 'x'))?.payload).toEqual(session)
    expect((await artifacts.findBy('uid', 'Session', 'uid'))?.payload).toEqual(session)
    expect(await artifacts.findBy('user_code', 'DeviceCode', 'ABCD')).toBeDefined()
    expect(await artifacts.findBy('user_code', 'DeviceCode', 'EFGH')).toBeUndefined()
    later(61_000)
    expect([await artifacts.has('Session', 'x'), await artifacts.has('DeviceCode', 'd')]).toEqual([
      false,
      true,
    ])
    await artifacts.destroyOfGrant('DeviceCode', 'g')
    expect(await artifacts.has('DeviceCode', 'd')).toBe(false)
  })

  test('grants: newest first, ended with all that came from them', async () => {
    const { artifacts, grants, live } = opened()
    for (const [id, clientId] of [['one', 'a'] as const, ['two', 'b'] as const, ['three', 'a'] as const]) {
      await artifacts.save('Grant', id, { accountId: 'ada', clientId, resources: { r: 's' } }, 600)
      await artifacts.save('RefreshToken', `of ${id}`, { grantId: id }, 600)
      later(1)
    }
    expect((await grants.of('ada')).map(({ id }) => id)).toEqual(['three', 'two', 'one'])
    expect([await grants.revoke('two'), await grants.revoke('two')]).toEqual([true, false])
    const ended = await grants.revokeAll({ subject: 'ada', clientId: 'a' })
    expect(ended.map(({ id, resources }) => [id, resources])).toEqual([
      ['three', { r: 's' }],
      ['one', { r: 's' }],
    ])
    expect(await grants.list()).toEqual([])
    for (const id of ['one', 'two', 'three']) {
      expect(await artifacts.has('RefreshToken', `of ${id}`)).toBe(false)
      expect(live.revokedAt('grant', id)).toBeTypeOf('number')
    }
  })

  test('clients: a network holds those that nobody gave anything to, until one is kept or goes', async () => {
    const { clients, clientHolders: holders } = opened()
    for (const id of ['a', 'b', 'c']) {
      await clients.save(id, 'registered', { client_id: id, client_secret: 'hidden' }, '192.0.2.1')
      later(1)
    }
    await clients.save('d', 'operator', { client_id: 'd' })
    expect((await clients.find('a'))?.metadata).toEqual({ client_id: 'a', client_secret: 'hidden' })
    expect([await clients.countRegistered(), await holders.heldBy('192.0.2.1')]).toEqual([3, 3])
    expect(await holders.oldestOf('192.0.2.1')).toBe('a')
    await holders.uncount('a')
    expect([await holders.oldestOfLargest(), await holders.oldestOf('192.0.2.2')]).toEqual(['b', undefined])
    expect([await clients.remove('b'), await clients.remove('b')]).toEqual([true, false])
    expect([await holders.heldBy('192.0.2.1'), await holders.oldestOfLargest()]).toEqual([1, undefined])
    later(2 * 3_600_000)
    expect(await clients.unused(Date.now() + 86_400_000)).toEqual(expect.arrayContaining(['a', 'c']))
  })

  test('consents: added to, and withdrawn whole', async () => {
    const { consents } = opened()
    const consent = { clientId: 'c', clientName: 'C', redirectUri: 'https://c.example', resource: 'r' }
    await consents.give('ada', { ...consent, scopes: ['write'] })
    await consents.give('ada', { ...consent, scopes: ['read'] })
    expect(await consents.list('ada')).toEqual([
      expect.objectContaining({ ...consent, scopes: ['read', 'write'] }),
    ])
    expect([await consents.withdraw('ada', 'c'), await consents.withdraw('ada', 'c')]).toEqual([true, false])
  })

  test('users: what a provider says of one of its own, and of nobody else', async () => {
    const { users, artifacts, providerTokens } = opened()
    expect(await users.recordOutside(PERSON)).toBe(true)
    expect(await users.recordOutside({ ...PERSON, vouchedBy: 'https://two.example' })).toBe(false)
    expect(await users.find('fake:ada')).toMatchObject({
      ...PERSON,
      disabled: false,
      sessionsEndedAt: undefined,
    })
    await artifacts.save('Session', 's', { accountId: 'fake:ada' }, 60)
    await providerTokens.keep('fake:ada', 'a token')
    expect(await users.endSessions('fake:ada')).toBe(true)
    expect(await artifacts.has('Session', 's')).toBe(false)
    await users.setDisabled('fake:ada', true)
    later(120_000)
    expect(await providerTokens.take('fake:ada')).toBeUndefined()
    expect([await users.recordOutside(PERSON), await users.endSessions('nobody')]).toEqual([false, false])
  })

  test('a token of a provider is given out once a minute', async () => {
    const { providerTokens: tokens } = opened()
    await tokens.keep('fake:ada', 'first')
    later(61_000)
    const was = await tokens.take('fake:ada')
    expect([was?.token, await tokens.take('fake:ada')]).toEqual(['first', undefined])
    await tokens.keep('fake:ada', 'second')
    if (was !== undefined) await tokens.replace('fake:ada', was, 'too late')
    later(61_000)
    expect((await tokens.take('fake:ada'))?.token).toBe('second')
  })

  test('keys: the newest signs, the others are published until their time is over', async () => {
    const { live, signingKeys } = opened()
    const [first] = live.signingKeys()
    const fresh = await makeSigningKey()
    later(1)
    await signingKeys.rotate(fresh, 60_000)
    expect(live.signingKeys().map(({ kid }) => kid)).toEqual([fresh.kid, first?.kid])
    expect((await signingKeys.list()).map(({ publishedUntil }) => publishedUntil === undefined)).toEqual([
      true,
      false,
    ])
    later(61_000)
    expect(live.signingKeys().map(({ kid }) => kid)).toEqual([fresh.kid])
  })

  test('counts: bounded, and what was counted least goes first', async () => {
    const { tallies } = opened()
    const kind = { name: 'known at', most: 10 } as const
    const goneAt = Date.now() + 86_400_000
    await tallies.set(kind, 'high', { count: 9, at: 1 }, goneAt)
    for (let index = 0; index < 30; index += 1)
      await tallies.set(kind, `k${index}`, { count: 1, at: index }, goneAt)
    const left = await Promise.all(Array.from({ length: 30 }, (_, index) => tallies.get(kind, `k${index}`)))
    expect(left.filter((one) => one !== undefined).length).toBeLessThan(10)
    expect((await tallies.get(kind, 'high'))?.count).toBe(9)
    await tallies.delete(kind, 'high')
    expect(await tallies.get(kind, 'high')).toBeUndefined()
  })

  test('codes of devices: the network that holds the most loses its oldest', async () => {
    const { artifacts, heldCodes } = opened()
    for (const [code, network] of [['a', 'one'] as const, ['b', 'two'] as const, ['c', 'two'] as const]) {
      expect(await heldCodes.makeRoom(3)).toBe(false)
      await artifacts.save('DeviceCode', code, { userCode: code }, 600)
      await heldCodes.hold(code, network)
      later(1)
    }
    expect(await heldCodes.makeRoom(3)).toBe(true)
    expect([await artifacts.has('DeviceCode', 'a'), await artifacts.has('DeviceCode', 'b')]).toEqual([
      true,
      false,
    ])
  })

  test('what is over takes no room, and a revocation counts for as long as a token may live', async () => {
    const { artifacts, expired, grants, live, revocations } = opened()
    await artifacts.save('Interaction', 'i', {}, 60)
    await artifacts.save('Grant', 'lone', { accountId: 'ada', clientId: 'c' }, 86_400 * 365)
    await revocations.add('token', 't')
    later(REVOCATION_LIFE_MS - 1)
    expect(live.revokedAt('token', 't')).toBeTypeOf('number')
    later(2 * 3_600_000)
    expect(live.revokedAt('token', 't')).toBeUndefined()
    while (await expired.removeSome());
    expect(await grants.of('ada')).toEqual([])
  })
}
