// Names and passwords that are kept here: real hashes, a real store.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hash } from '@node-rs/argon2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { signInLocally } from '../../../src/as/sign-in/local.ts'
import { createLoginCookie } from '../../../src/as/sign-in/login-cookie.ts'
import { createPasswords, isOutdated, passwordProblem } from '../../../src/as/sign-in/passwords.ts'
import { createThrottle } from '../../../src/as/sign-in/throttle.ts'
import { openStore, type SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'
import { localName, type Users } from '../../../src/as/store/users.ts'
import { createCookieJar } from '../../../src/as/web/cookies.ts'

const NOW = 1_800_000_000_000
const PASSWORD = 'correct horse battery'
const passwords = createPasswords()
const REQUEST = { headers: {}, rawHeaders: [] as string[] } as IncomingMessage
const PAGE = { request: REQUEST, address: '192.0.2.1' }

let store: SqliteStore
let users: Users
beforeEach(async () => {
  store = await openStore(':memory:', { secret: randomBytes(32), clock: { now: () => NOW } })
  users = store.users
  await users.add('alice', (await passwords.hash(PASSWORD)) ?? '')
})
afterEach(() => store.close())

function parts() {
  const loginCookie = createLoginCookie(createCookieJar(true), store)
  return { store, passwords, throttle: createThrottle(store), loginCookie }
}

async function outcome(name: string, password: string, using = parts()): Promise<string> {
  return (await signInLocally(using, { name, password, page: PAGE, lifeSeconds: 60 })).outcome
}

const rows: [string, string, string, string][] = [
  ['right', 'alice', PASSWORD, 'in'],
  ['a name in capitals, with spaces around it', '  ALICE ', PASSWORD, 'in'],
  ['a wrong password', 'alice', `${PASSWORD}!`, 'wrong'],
  ['an empty password', 'alice', '', 'wrong'],
  ['an unknown name', 'bob', PASSWORD, 'wrong'],
  ['a name that cannot be one', 'fake:sub-1', PASSWORD, 'wrong'],
  ['an empty name', '', PASSWORD, 'wrong'],
  ['SQL', "alice' --", PASSWORD, 'wrong'],
  ['a very long password', 'alice', 'x'.repeat(1_025), 'wrong'],
]
test.each(rows)('%s', async (_name, name, password, expected) => {
  expect(await outcome(name, password)).toBe(expected)
})

test('the same characters, composed in another way', async () => {
  await users.setPassword('alice', (await passwords.hash('zwölf Höhlenbären')) ?? '')
  expect(await outcome('alice', 'zwölf Höhlenbären'.normalize('NFD'))).toBe('in')
})

test('a disabled person, and one whom a provider vouches for, have no password', async () => {
  await users.setDisabled('alice', true)
  expect(await outcome('alice', PASSWORD)).toBe('wrong')
  await users.setDisabled('alice', false)
  expect(await outcome('alice', PASSWORD)).toBe('in')
  const outside = {
    subject: 'fake:1',
    provider: 'fake',
    vouchedBy: 'https://fake.example.com',
    name: 'A',
    email: undefined,
    emailVerified: false,
    groups: [],
  }
  expect(await users.recordOutside(outside)).toBe(true)
  expect(await users.setPassword('fake:1', 'any')).toBe(false)
})

test('G11: who is known from one issuer is nobody of another; from before that was kept, of the next', async () => {
  const from = (host: string) =>
    users.recordOutside({
      subject: 'fake:2',
      provider: 'fake',
      vouchedBy: `https://${host}.example.com`,
      name: 'A',
      email: undefined,
      emailVerified: false,
      groups: [],
    })
  expect([await from('one'), await from('two'), await from('one')]).toEqual([true, false, true])
  store.database.exec('UPDATE users SET vouched_by = NULL')
  expect([await from('two'), await from('one')]).toEqual([true, false])
})

test('an unknown name costs a hash too: the work is the same, whoever is asked for', async () => {
  const checked: (string | undefined)[] = []
  const spying = {
    ...passwords,
    check: async (kept: string | undefined, password: string) => {
      checked.push(kept)
      return await passwords.check(kept, password)
    },
  }
  for (const name of ['alice', 'bob', ''])
    await outcome(name, 'wrong password', { ...parts(), passwords: spying })
  expect(checked.map((kept) => kept !== undefined)).toEqual([true, false, false])
})

test('a hash with other costs is renewed by the next right sign-in, and by no wrong one', async () => {
  const old = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
  await users.setPassword('alice', old)
  expect(isOutdated(old)).toBe(true)
  await outcome('alice', 'wrong password')
  expect(await users.passwordOf('alice')).toBe(old)
  expect(await outcome('alice', PASSWORD)).toBe('in')
  expect(await users.passwordOf('alice')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await outcome('alice', PASSWORD)).toBe('in')
})

/** What an operator does while a hash takes its time. */
const meanwhile: [string, (fresh: string) => Promise<boolean>][] = [
  ['a new password', (fresh) => users.setPassword('alice', fresh)],
  ['shut out', () => users.setDisabled('alice', true)],
]
test.each(meanwhile)('%s while the old password is checked: it is no longer right', async (_name, act) => {
  const fresh = (await passwords.hash('another long password')) ?? ''
  const check: typeof passwords.check = async (...given) => {
    const result = await passwords.check(...given)
    await act(fresh)
    return result
  }
  expect(await outcome('alice', PASSWORD, { ...parts(), passwords: { ...passwords, check } })).toBe('wrong')
})

test('a new password while the old hash is renewed: the new one stays', async () => {
  await users.setPassword('alice', await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 }))
  const fresh = (await passwords.hash('another long password')) ?? ''
  const slow: typeof passwords.hash = async (password) => {
    const renewed = await passwords.hash(password)
    await users.setPassword('alice', fresh)
    return renewed
  }
  expect(await outcome('alice', PASSWORD, { ...parts(), passwords: { ...passwords, hash: slow } })).toBe(
    'wrong',
  )
  expect(await users.passwordOf('alice')).toBe(fresh)
})

test('the sixth guess waits, the right password too', async () => {
  const using = parts()
  for (let guess = 0; guess < 5; guess++)
    expect(await outcome('alice', 'wrong password', using)).toBe('wrong')
  expect(await outcome('alice', PASSWORD, using)).toBe('locked')
})

test('a hundred guesses at once are not a hundred guesses', async () => {
  const using = parts()
  const guesses = Array.from({ length: 100 }, () => outcome('alice', 'wrong password', using))
  const outcomes = await Promise.all(guesses)
  expect(outcomes.filter((one) => one === 'wrong').length).toBe(5)
  expect(outcomes.filter((one) => one === 'locked').length).toBe(95)
})

test('more hashes than the queue holds are refused, and the queue empties', async () => {
  const of = (index: number) => passwords.hash('some password', `network ${index % 4}`)
  const busy = await Promise.all(Array.from({ length: 80 }, (_, index) => of(index)))
  expect(busy.filter((one) => one === undefined).length).toBe(80 - 66)
  expect(await passwords.hash('some password')).toMatch(/^\$argon2id\$/)
})

test('A70: one network fills a quarter of the queue, and the next is served before the rest of it', async () => {
  const done: string[] = []
  const of = async (network: string) => {
    const kept = await passwords.hash('some password', network)
    done.push(kept === undefined ? `${network} busy` : network)
  }
  const many = Array.from({ length: 30 }, () => of('attacker'))
  const one = of('ada')
  await Promise.all([...many, one])
  expect(done.filter((each) => each === 'attacker busy')).toHaveLength(30 - 2 - 16)
  expect(done.filter((each) => !each.endsWith('busy')).indexOf('ada')).toBeLessThan(5)
})

test.each([
  ['short one', 'at least 10'],
  ['x'.repeat(1_025), 'at most 1024'],
  ['ten chars!', undefined],
])('a new password: %s', (password, problem) => {
  if (problem === undefined) expect(passwordProblem(password)).toBeUndefined()
  else expect(passwordProblem(password)).toContain(problem)
})

test.each([
  ['Ada.Lovelace', 'ada.lovelace'],
  ['ada@example.com', 'ada@example.com'],
  ['ａｄａ', 'ada'],
  ['a:b', undefined],
  ['.ada', undefined],
  ['', undefined],
  ['x'.repeat(65), undefined],
  ['a\u202eb', undefined],
])('a local name: %j → %j', (text, name) => {
  expect(localName(text)).toBe(name)
})

test('a try that found too many others waiting counts as none', async () => {
  const busy = { ...parts(), passwords: { ...passwords, check: async () => 'busy' as const } }
  for (let tries = 0; tries < 60; tries += 1) expect(await outcome('alice', PASSWORD, busy)).toBe('busy')
  for (let tries = 0; tries < 5; tries += 1) expect(await outcome('alice', 'a wrong password')).toBe('wrong')
  expect(await outcome('alice', PASSWORD)).toBe('locked')
})
