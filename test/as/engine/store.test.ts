// The store by itself: files that an earlier version wrote, a disk that is full, and what is over and takes no room.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { REVOCATION_LIFE_MS } from '../../../src/as/store/revocations.ts'
import { MIGRATIONS } from '../../../src/as/store/sqlite/migrations.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-migrations-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options = { secret: Buffer.alloc(32, 7), clock: { now: () => Date.now() } }

/** As the version left it that knew so many steps. */
function fileOf(steps: number, rows = ''): string {
  const file = join(folder, `${steps}-${rows.length}.sqlite`)
  const database = new DatabaseSync(file)
  for (const statements of MIGRATIONS.slice(0, steps)) database.exec(statements)
  database.exec(`PRAGMA user_version = ${steps}; ${rows}`)
  database.close()
  return file
}

async function shapeOf(file: string): Promise<unknown[]> {
  const { database, close } = await openStore(file, options)
  const shape = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
  await close()
  return shape
}

test.each(MIGRATIONS.map((_step, index) => index))(
  'a file of %i steps has the shape of a new one',
  async (steps) => {
    expect(await shapeOf(fileOf(steps))).toEqual(await shapeOf(join(folder, 'new.sqlite')))
  },
)

test('people of a file from before step 4 are who they were', async () => {
  const insert = `INSERT INTO users (subject, name, password, created_at) VALUES ('ada', 'ada', 'a hash', 1)`
  const store = await openStore(fileOf(3, insert), options)
  const [ada] = await store.users.list()
  expect(ada).toMatchObject({ subject: 'ada', vouchedBy: undefined, sessionsEndedAt: undefined })
  await store.close()
})

const ACCESS = 'RegistrationAccessToken'

test('A35: a client that goes takes along what it could change its registration with', async () => {
  const store = await openStore(':memory:', options)
  const [artifacts, clients] = [store.artifacts, store.clients]
  for (const id of ['gone', 'stays']) {
    await clients.save(id, 'registered', { client_id: id })
    await artifacts.save(ACCESS, `token of ${id}`, { clientId: id }, undefined)
  }
  expect(await clients.remove('gone')).toBe(true)
  const kept = await Promise.all(['gone', 'stays'].map((id) => artifacts.find(ACCESS, `token of ${id}`)))
  expect(kept.map((one) => one !== undefined)).toEqual([false, true])
  await store.close()
})

test('A35: and what clients left in a file from before step 8 goes too', async () => {
  const row = (id: string) => `INSERT INTO artifacts (model, id, payload, client_id, created_at)
    VALUES ('${ACCESS}', '${id}', x'00', '${id}', 1);`
  const client = `INSERT INTO clients (id, origin, payload, created_at, used_at)
    VALUES ('stays', 'registered', x'00', 1, 1);`
  const store = await openStore(fileOf(7, row('gone') + row('stays') + client), options)
  expect(store.database.prepare('SELECT id FROM artifacts').all()).toEqual([{ id: 'stays' }])
  await store.close()
})

test('a full disk is told as what it is, and the next transaction goes as usual', async () => {
  const store = await openStore(join(folder, 'full.sqlite'), options)
  const artifacts = store.artifacts
  const payload = { more: 'x'.repeat(20_000) }
  const { page_count: pages } = store.database.prepare('PRAGMA page_count').get() as { page_count: number }
  store.database.exec(`PRAGMA max_page_count = ${pages}`)
  const save = () => store.transaction((within) => within.artifacts.save('Grant', 'g', payload, 60))
  await expect(save()).rejects.toThrow('database or disk is full')
  store.database.exec(`PRAGMA max_page_count = ${pages + 1_000}`)
  await save()
  expect((await artifacts.find('Grant', 'g'))?.payload).toEqual(payload)
  await store.close()
})

test('a transaction that asks past its own repositories is told so, and does not wait for itself', async () => {
  const store = await openStore(':memory:', options)
  const asking = [
    store.transaction(() => store.users.list()),
    store.transaction(() => store.transaction(({ users }) => users.list())),
  ]
  for (const each of asking) await expect(each).rejects.toThrow('inside a transaction')
  expect(await store.users.list()).toEqual([])
  await store.close()
})

test('what was revoked is known for as long as a token of it may live, and then takes no room', async () => {
  let now = Date.now()
  const store = await openStore(':memory:', { secret: Buffer.alloc(32, 1), clock: { now: () => now } })
  const revocations = store.revocations
  const at = now
  await revocations.add('token', 't')
  now += REVOCATION_LIFE_MS - 1
  expect(store.live.revokedAt('token', 't')).toBe(at)
  now += 2 * 3_600_000
  expect(store.live.revokedAt('token', 't')).toBeUndefined()
  await store.close()
})

test('A35: a client that is used every half hour is not taken for one that was unused for an hour', async () => {
  let now = Date.now()
  const store = await openStore(':memory:', { ...options, clock: { now: () => now } })
  const clients = store.clients
  await clients.save('busy', 'registered', { client_id: 'busy' })
  for (let uses = 0; uses < 10; uses += 1) {
    now += 1_799_000
    const found = await clients.find('busy')
    if (found !== undefined) await clients.touch(found)
    expect(await clients.unused(now - 3_600_000)).toEqual([])
    expect(await clients.unused(now + 600_000 - 3_600_000)).toEqual([]) // the next sweep, before the next use
  }
  now += 2 * 3_600_000
  expect(await clients.unused(now - 3_600_000)).toEqual(['busy'])
  await store.close()
})
