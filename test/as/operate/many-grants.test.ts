// More grants than a command lists at a time: each of them can still be ended, and shutting somebody out ends all.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Operations, openOperator } from '../../../src/as/operate/operator.ts'
import { storedSecret } from '../../../src/as/store/data-secret.ts'
import { openStore, type SqliteStore } from '../../../src/as/store/sqlite/open-store.ts'

const MANY = 10_002
const folder = mkdtempSync(join(tmpdir(), 'portcullis-grants-'))
const data = join(folder, 'as.sqlite')
const ids = Array.from({ length: MANY }, () => randomBytes(16).toString('base64url'))

let store: SqliteStore
let operator: Operations
beforeAll(async () => {
  let now = Date.now()
  store = await openStore(data, { secret: storedSecret(data), clock: { now: () => now } })
  await store.transaction(async ({ artifacts }) => {
    for (const id of ids) {
      now += 1
      await artifacts.save('Grant', id, { accountId: 'ada', clientId: 'desk' }, 86_400)
    }
  })
  const clock = { now: () => now }
  operator = await openOperator({
    settings: { data, cookieSecret: undefined },
    clock,
    actor: 'operator olga',
  })
  await operator.users.add('ada', 'correct horse battery')
})
afterAll(async () => {
  await operator.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the oldest one is found and ended by its id', async () => {
  const [oldest = ''] = ids
  expect(await operator.grants.list({ id: oldest })).toMatchObject([{ id: oldest, subject: 'ada' }])
  expect(await operator.grants.revoke({ id: oldest })).toEqual([oldest])
  expect(await operator.grants.list({ id: oldest })).toEqual([])
})

test('users disable ends every one', async () => {
  expect(await operator.users.disable('ada')).toBeUndefined()
  expect(await operator.grants.list({ subject: 'ada' })).toEqual([])
  expect(ids.filter((id) => store.live.revokedAt('grant', id) === undefined)).toEqual([])
})
