// What stands in the files: no credential in the clear, durable settings, a kept secret, one shape.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { storedSecret } from '../../../src/as/store/data-secret.ts'
import { REVOCATION_LIFE_MS } from '../../../src/as/store/revocations.ts'
import { createArtifacts } from '../../../src/as/store/sqlite/artifacts.ts'
import { createClients } from '../../../src/as/store/sqlite/clients.ts'
import { connectTo, type DatabaseConnection } from '../../../src/as/store/sqlite/connection.ts'
import { openStore, type SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'
import { createSweep } from '../../../src/as/store/sweep.ts'
import { createKeyedDigest } from '../../../src/lib/keyed-digest.ts'
import {
  authorize,
  createScene,
  pkce,
  postForm,
  REDIRECT,
  refresh,
  register,
  type Scene,
  signIn,
} from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-store-'))
const SECRET = Buffer.alloc(32, 7)
const OPTIONS = { secret: SECRET, clock: { now: () => Date.now() } }
const stores: SqliteStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  vi.useRealTimers()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A whole pass; how many steps it took. */
async function sweep(store: SqliteStore): Promise<number> {
  const step = createSweep({
    store,
    unusedTtlMs: 86_400_000,
    onRemoved: () => undefined,
  })
  let steps = 1
  while (await step()) steps += 1
  return steps
}

async function open(file = ':memory:', secret = SECRET): Promise<SqliteStore> {
  const store = await openStore(file, { secret, clock: { now: () => Date.now() } })
  stores.push(store)
  return store
}

describe('A51, H16: nothing that opens a door stands in the files', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await createScene()
  })
  afterAll(() => scene.stop())

  test('codes, tokens, secrets, registration tokens, codes of devices, keys', async () => {
    const { json } = await register(scene, { token_endpoint_auth_method: 'client_secret_post' })
    const grants = { grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], redirect_uris: [] }
    const device = await register(scene, { ...grants, response_types: [] })
    const begun = await postForm(`${scene.origin}/device_authorization`, {
      client_id: String(device.json['client_id']),
    })
    const session = await signIn(scene)
    const answer = await refresh(scene, session.clientId, session.refreshToken)
    const { params } = await authorize(scene, {
      response_type: 'code',
      client_id: session.clientId,
      redirect_uri: REDIRECT,
      code_challenge: pkce().challenge,
      code_challenge_method: 'S256',
    })
    const secrets = [
      json['client_secret'],
      json['registration_access_token'],
      session.refreshToken,
      session.accessToken,
      answer.json['refresh_token'],
      answer.json['access_token'],
      params.get('code'),
      begun.json['device_code'],
      begun.json['user_code'],
      String(begun.json['user_code']).replace('-', ''),
      '"d":',
    ].map(String)
    expect(secrets).not.toContain('undefined')
    const names = readdirSync(scene.folder)
    expect(names).toContain('as.sqlite-wal')
    for (const name of names) {
      const bytes = readFileSync(join(scene.folder, name))
      for (const secret of secrets) expect([name, bytes.includes(secret)]).toEqual([name, false])
    }
  })

  test('K: nobody else may read them', () => {
    for (const name of ['as.sqlite', 'as.sqlite.key']) {
      expect(statSync(join(scene.folder, name)).mode & 0o077).toBe(0)
    }
  })
})

describe('A50: the secret', () => {
  test('is made once and kept', () => {
    const data = join(folder, 'kept', 'as.sqlite')
    const secret = storedSecret(data)
    expect(secret).toHaveLength(32)
    expect(storedSecret(data)).toEqual(secret)
    expect(storedSecret(join(folder, 'other', 'as.sqlite'))).not.toEqual(secret)
  })

  test('is refused when others may read it, or when it is damaged', () => {
    const data = join(folder, 'open', 'as.sqlite')
    storedSecret(data)
    chmodSync(`${data}.key`, 0o644)
    expect(() => storedSecret(data)).toThrow(/others may read/)
    chmodSync(`${data}.key`, 0o600)
    writeFileSync(`${data}.key`, 'short')
    expect(() => storedSecret(data)).toThrow(/damaged/)
  })

  test('is refused when it is short', async () => {
    await expect(open(':memory:', Buffer.alloc(31))).rejects.toThrow(/32 bytes/)
  })

  test('is the one that the data was sealed with', async () => {
    const file = join(folder, 'sealed.sqlite')
    await open(file)
    await expect(open(file, Buffer.alloc(32, 8))).rejects.toThrow(/sealed with another key/)
  })
})

describe('the database', () => {
  test('is durable, and made for two processes', async () => {
    const store = await open(join(folder, 'durable.sqlite'))
    const pragma = (name: string) => Object.values(store.database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual(['wal', 2])
  })

  test('waits for no disk for what is only under way, and again for everything else', async () => {
    const connection = connectTo(join(folder, 'fleeting.sqlite'), OPTIONS)
    const { database, fleeting, transaction } = connection
    const level = () => database.prepare('PRAGMA synchronous').get()?.['synchronous']
    expect([fleeting(level), level()]).toEqual([1, 2])
    expect(() => fleeting(() => JSON.parse('no'))).toThrow(SyntaxError)
    expect(level()).toBe(2)
    expect(transaction(() => fleeting(level))).toBe(2)
    const store = await open(join(folder, 'fleeting.sqlite'))
    const levelOf = async () => store.database.prepare('PRAGMA synchronous').get()?.['synchronous']
    expect(await store.transaction(levelOf, 'fleeting')).toBe(1)
    expect(await store.transaction(levelOf)).toBe(2)
    await expect(store.transaction(() => Promise.reject(new Error('no')), 'fleeting')).rejects.toThrow('no')
    expect(await levelOf()).toBe(2)
    database.close()
  })

  test.each([
    ['Session', 'save', 1],
    ['Session', 'destroy', 0],
    ['Interaction', 'save', 1],
    ['Interaction', 'destroy', 1],
    ['RegistrationAccessToken', 'save', 1],
    ...['Grant', 'AuthorizationCode', 'RefreshToken', 'DeviceCode'].map(
      (model) => [model, 'save', 0] as const,
    ),
  ] as const)('H7: of %s, %s may wait for no disk: %i', (model, write, times) => {
    const { connection, count } = countFleeting()
    const artifacts = createArtifacts(connection)
    if (write === 'save') artifacts.save(model, 'id', {}, 60)
    else artifacts.destroy(model, 'id')
    expect(count()).toBe(times)
    connection.database.close()
  })

  test('D90: a client that registers waits for no disk; its changes do, and what an operator adds', () => {
    const { connection, count } = countFleeting()
    const clients = createClients(connection, createKeyedDigest(connection.secret, 'networks'))
    clients.save('new', 'registered', { client_name: 'a' })
    expect(count()).toBe(1)
    clients.save('new', 'registered', { client_name: 'b' })
    clients.save('own', 'operator', { client_name: 'c' })
    expect(count()).toBe(1)
    expect(clients.find('new')).toMatchObject({ metadata: { client_name: 'b' } })
    connection.database.close()
  })

  test('of a newer version is refused', async () => {
    const file = join(folder, 'newer.sqlite')
    const store = await open(file)
    store.database.exec('PRAGMA user_version = 1000')
    await expect(open(file)).rejects.toThrow(/newer version/)
  })

  test('a transaction that throws leaves nothing, nested or not', () => {
    const { database, transaction } = connectTo(':memory:', OPTIONS)
    const fail = () =>
      transaction(() => {
        transaction(() => database.exec(`INSERT INTO told_later (at, event) VALUES (1, '{}')`))
        throw new Error('no')
      })
    expect(fail).toThrow('no')
    expect(database.prepare('SELECT * FROM told_later').all()).toEqual([])
    database.close()
  })
})

/** Counts the writes that wait for no disk. */
function countFleeting() {
  const connection = connectTo(':memory:', OPTIONS)
  let count = 0
  const fleeting: DatabaseConnection['fleeting'] = (work) => {
    count += 1
    return connection.fleeting(work)
  }
  return { connection: { ...connection, fleeting }, count: () => count }
}

describe('artifacts', () => {
  const payload = { jti: 'x', accountId: 'ada', grantId: 'g' }

  test('A12: are consumed once', async () => {
    const artifacts = (await open()).artifacts
    await artifacts.save('RefreshToken', 'x', payload, 60)
    expect([
      await artifacts.consume('RefreshToken', 'x'),
      await artifacts.consume('RefreshToken', 'x'),
    ]).toEqual([true, false])
  })

  test('are gone when their time is over, and swept', async () => {
    const store = await open()
    const artifacts = store.artifacts
    await artifacts.save('RefreshToken', 'x', payload, 60)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await artifacts.find('RefreshToken', 'x')).toBeUndefined()
    await sweep(store)
    expect(store.database.prepare('SELECT count(*) AS n FROM artifacts').get()).toEqual({ n: 0 })
  })

  test('many are swept in steps, and a grant stays while a token of it may be asked about', async () => {
    const store = await open()
    const artifacts = store.artifacts
    await store.transaction(async ({ artifacts }) => {
      for (let index = 0; index < 1_200; index += 1) {
        await artifacts.save('Interaction', `i${index}`, payload, 60)
        await artifacts.save('Grant', `lone${index}`, payload, 86_400 * 365)
        await artifacts.save('Grant', `held${index}`, payload, 86_400 * 365)
        await artifacts.save('RefreshToken', `r${index}`, { grantId: `held${index}` }, 86_400 * 14)
      }
    })
    const countOf = (model: string) =>
      store.database.prepare('SELECT count(*) AS n FROM artifacts WHERE model = ?').get(model)?.['n']
    expect(await sweep(store)).toBe(1)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await sweep(store)).toBe(3) // 500, 500, 200 and no grant that is old enough
    expect([countOf('Interaction'), countOf('Grant')]).toEqual([0, 2_400])
    vi.setSystemTime(Date.now() + REVOCATION_LIFE_MS)
    expect(await sweep(store)).toBe(5)
    expect([countOf('Grant'), countOf('RefreshToken')]).toEqual([1_200, 1_200])
    expect(await artifacts.find('Grant', 'held0')).toBeDefined()
  })

  test('a row in the place of another one is none', async () => {
    const store = await open()
    const artifacts = store.artifacts
    await artifacts.save('RefreshToken', 'x', payload, 60)
    await artifacts.save('RefreshToken', 'y', { ...payload, accountId: 'eve' }, 60)
    store.database.exec('UPDATE artifacts SET payload = (SELECT max(payload) FROM artifacts)')
    const found = await Promise.all(['x', 'y'].map((id) => artifacts.find('RefreshToken', id)))
    expect(found.filter((one) => one !== undefined)).toHaveLength(1)
  })
})

test('what one connection revokes, another one knows at once', async () => {
  const file = join(folder, 'shared.sqlite')
  const [one, other] = [await open(file), await open(file)]
  expect(other.live.revokedAt('grant', 'g')).toBeUndefined()
  await one.revocations.add('grant', 'g')
  expect([one.live.revokedAt('grant', 'g'), other.live.revokedAt('grant', 'g')]).toEqual([
    expect.any(Number),
    expect.any(Number),
  ])
  expect(other.live.revokedAt('token', 'g')).toBeUndefined()
})
