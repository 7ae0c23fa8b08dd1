// A file that an earlier version wrote: brought to the shape of a new one, with what stands in it; and what a client
// leaves behind when it goes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { createArtifacts } from '../../../src/as/store/artifacts.ts'
import { createClients } from '../../../src/as/store/clients.ts'
import { MIGRATIONS } from '../../../src/as/store/migrations.ts'
import { openStore } from '../../../src/as/store/store.ts'
import { createUsers } from '../../../src/as/store/users.ts'

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

function shapeOf(file: string): unknown[] {
  const { database, close } = openStore(file, options)
  const shape = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
  close()
  return shape
}

test.each(MIGRATIONS.map((_step, index) => index))(
  'a file of %i steps has the shape of a new one',
  (steps) => {
    expect(shapeOf(fileOf(steps))).toEqual(shapeOf(join(folder, 'new.sqlite')))
  },
)

test('people of a file from before step 4 are who they were', () => {
  const insert = `INSERT INTO users (subject, name, password, created_at) VALUES ('ada', 'ada', 'a hash', 1)`
  const store = openStore(fileOf(3, insert), options)
  const [ada] = createUsers(store).list()
  expect(ada).toMatchObject({ subject: 'ada', vouchedBy: undefined, sessionsEndedAt: undefined })
  store.close()
})

const ACCESS = 'RegistrationAccessToken'

test('A35: a client that goes takes along what it could change its registration with', () => {
  const store = openStore(':memory:', options)
  const [artifacts, clients] = [createArtifacts(store), createClients(store)]
  for (const id of ['gone', 'stays']) {
    clients.save(id, 'registered', { client_id: id })
    artifacts.save(ACCESS, `token of ${id}`, { clientId: id }, undefined)
  }
  expect(clients.remove('gone')).toBe(true)
  expect(['gone', 'stays'].map((id) => artifacts.find(ACCESS, `token of ${id}`) !== undefined)).toEqual([
    false,
    true,
  ])
  store.close()
})

test('A35: and what clients left in a file from before step 8 goes too', () => {
  const row = (id: string) => `INSERT INTO artifacts (model, id, payload, client_id, created_at)
    VALUES ('${ACCESS}', '${id}', x'00', '${id}', 1);`
  const client = `INSERT INTO clients (id, origin, payload, created_at, used_at)
    VALUES ('stays', 'registered', x'00', 1, 1);`
  const store = openStore(fileOf(7, row('gone') + row('stays') + client), options)
  expect(store.database.prepare('SELECT id FROM artifacts').all()).toEqual([{ id: 'stays' }])
  store.close()
})
