// What any store must hold of people's own accounts: browsers that they are signed in at, passkeys, links to get in again.
import { expect, test } from 'vitest'
import { MAX_LOGIN_SESSIONS, NOTE_USE_MS } from '../../../src/as/store/login-sessions.ts'
import type { NewPasskey } from '../../../src/as/store/passkeys.ts'
import type { Store } from '../../../src/as/store/store.ts'

const HOUR = 3_600_000

function sessionOf(id: string, subject = 'ada') {
  const shown = { browser: 'Firefox on Linux', address: '192.0.2.1' }
  return { id, subject, ...shown, key: `key of ${id}`, lifeSeconds: 24 * 3_600 }
}

function passkeyOf(id: string, subject = 'ada'): NewPasskey {
  const made = { rpId: 'mcp.example.com', userHandle: 'aGFuZGxl', publicKey: new Uint8Array([1, 2, 0, 255]) }
  return { id, subject, ...made, counter: 7, transports: ['usb', 'nfc'], name: 'Blue key', isSynced: false }
}

/** @param later moves the clock of the store */
export function holdsAccounts(opened: () => Store, later: (ms: number) => void): void {
  test('login sessions: found by their key alone, used last first, gone with their time', async () => {
    const { loginSessions: sessions, expired } = opened()
    await sessions.save(sessionOf('one'))
    later(1)
    await sessions.save(sessionOf('two'))
    await sessions.save(sessionOf('other', 'bob'))
    expect(await sessions.find('one', 'key of one')).toMatchObject({
      ...{ id: 'one', subject: 'ada', browser: 'Firefox on Linux', address: '192.0.2.1' },
    })
    expect(await sessions.find('one', 'key of two')).toBeUndefined()
    expect((await sessions.list('ada')).map(({ id }) => id)).toEqual(['two', 'one'])
    later(NOTE_USE_MS)
    await sessions.touch('one')
    expect((await sessions.list('ada')).map(({ id }) => id)).toEqual(['one', 'two'])
    later(24 * HOUR - 1)
    expect((await sessions.list('ada')).map(({ id }) => id)).toEqual(['one'])
    while (await expired.removeSome());
    later(-HOUR)
    expect([await sessions.isAlive('one'), await sessions.isAlive('two')]).toEqual([true, false])
  })

  test('a login session that is proved again keeps its name and age, and its old key is worth nothing', async () => {
    const { loginSessions: sessions } = opened()
    await sessions.save(sessionOf('one'))
    const before = await sessions.find('one', 'key of one')
    later(60_000)
    await sessions.save({ ...sessionOf('one'), key: 'another', lifeSeconds: 1 }) // never shorter
    expect(await sessions.find('one', 'key of one')).toBeUndefined()
    const after = await sessions.find('one', 'another')
    expect(after?.beganAt).toBe(before?.beganAt)
    expect(after?.provedAt).toBe((before?.provedAt ?? 0) + 60_000)
    later(2_000)
    expect(await sessions.isAlive('one')).toBe(true)
  })

  test('login sessions: one is ended, all others, or all with those of the engine', async () => {
    const { loginSessions: sessions, users } = opened()
    await users.add('ada', 'hash')
    for (const id of ['one', 'two', 'three']) await sessions.save(sessionOf(id))
    await sessions.save(sessionOf('other', 'bob'))
    expect([await sessions.end('bob', 'one'), await sessions.end('ada', 'one')]).toEqual([false, true])
    expect(await sessions.endOthers('ada', 'two')).toBe(1)
    expect((await sessions.list('ada')).map(({ id }) => id)).toEqual(['two'])
    await users.endSessions('ada')
    expect([await sessions.isAlive('two'), await sessions.isAlive('other')]).toEqual([false, true])
  })

  test('login sessions: of one person so many, and the one used least lately goes', async () => {
    const { loginSessions: sessions } = opened()
    await sessions.save(sessionOf('other', 'bob'))
    for (let index = 0; index <= MAX_LOGIN_SESSIONS; index += 1) {
      await sessions.save(sessionOf(`s${index}`))
      later(1)
    }
    expect(await sessions.list('ada')).toHaveLength(MAX_LOGIN_SESSIONS)
    expect([await sessions.isAlive('s0'), await sessions.isAlive('other')]).toEqual([false, true])
  })

  test('passkeys: each credential id once, whoever has it; a count that was read is changed by one', async () => {
    const { passkeys } = opened()
    expect(await passkeys.add(passkeyOf('a'))).toBe(true)
    expect([await passkeys.add(passkeyOf('a')), await passkeys.add(passkeyOf('a', 'bob'))]).toEqual([
      false,
      false,
    ])
    expect(await passkeys.find('a')).toMatchObject({ ...passkeyOf('a'), usedAt: undefined })
    later(1)
    await passkeys.add(passkeyOf('b'))
    await passkeys.add(passkeyOf('c', 'bob'))
    const uses = await Promise.all([8, 9, 10].map((counter) => passkeys.use('a', 7, counter)))
    expect(uses.filter(Boolean)).toEqual([true])
    expect((await passkeys.find('a'))?.usedAt).toBeTypeOf('number')
    expect((await passkeys.of('ada')).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(Object.fromEntries(await passkeys.counts())).toEqual({ ada: 2, bob: 1 })
    expect([await passkeys.remove('bob', 'a'), await passkeys.remove('ada', 'a')]).toEqual([false, true])
    expect(await passkeys.use('a', 7, 8)).toBe(false)
    await passkeys.removeAll('ada')
    expect(Object.fromEntries(await passkeys.counts())).toEqual({ bob: 1 })
  })

  test('a link to get in again: one for each person, the newest, until it is used or over', async () => {
    const { resets } = opened()
    await resets.start('ada', 'first', Date.now() + HOUR)
    await resets.start('ada', 'second', Date.now() + HOUR)
    await resets.start('bob', 'his', Date.now() + 2 * HOUR)
    expect([await resets.find('first'), await resets.find('second')]).toEqual([undefined, 'ada'])
    later(1.5 * HOUR)
    expect([await resets.find('second'), await resets.find('his')]).toEqual([undefined, 'bob'])
    expect([await resets.end('bob'), await resets.end('bob')]).toEqual([true, false])
    expect(await resets.find('his')).toBeUndefined()
  })

  test('a person without a password, and one whose password was taken away', async () => {
    const { users } = opened()
    expect([await users.add('ada', undefined), await users.add('bob', 'hash')]).toEqual([true, true])
    expect(await users.setPassword('bob', undefined)).toBe(true)
    for (const name of ['ada', 'bob']) {
      expect(await users.find(name)).toMatchObject({ hasPassword: false, disabled: false })
      expect(await users.passwordOf(name)).toBeUndefined()
    }
    await users.setPassword('ada', 'hash')
    expect((await users.find('ada'))?.hasPassword).toBe(true)
  })

  test('grants: used when their client last got a token', async () => {
    const { artifacts, grants } = opened()
    await artifacts.save('Grant', 'g', { accountId: 'ada', clientId: 'c', resources: {} }, 86_400)
    const [fresh] = await grants.of('ada')
    expect(fresh?.usedAt).toBe(fresh?.createdAt)
    later(HOUR)
    await artifacts.save('RefreshToken', 'r', { grantId: 'g' }, 86_400)
    expect((await grants.of('ada'))[0]?.usedAt).toBe((fresh?.createdAt ?? 0) + HOUR)
  })
}
