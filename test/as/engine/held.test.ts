// What strangers leave waiting at the authorization server, shared by network: codes of devices, documents under way.
import { afterEach, expect, test, vi } from 'vitest'
import { createGuardedFetch } from '../../../src/as/engine/guarded-fetch.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import { databaseOf } from '../support/database.ts'
import { sendDocument, startDocumentHost } from './document-host.ts'
import { createScene, postForm, register } from './scene.ts'

afterEach(() => void vi.useRealTimers())

test('A71: where codes of devices fill the room, the network that holds the most loses its oldest', async () => {
  let now = 1_000
  const store = await openStore(':memory:', { secret: Buffer.alloc(32, 7), clock: { now: () => now } })
  const artifacts = store.artifacts
  const codes = store.heldCodes
  const gave: boolean[] = []
  const ask = async (code: string, network: string) => {
    now += 1
    gave.push(await codes.makeRoom(5))
    await artifacts.save('DeviceCode', code, { userCode: `u${code}` }, 600)
    await codes.hold(code, network)
  }
  await ask('ada', '198.51.100.1')
  for (const code of ['a', 'b', 'c', 'd', 'e', 'f']) await ask(code, '192.0.2.1')
  await ask('bob', '198.51.100.2')
  const left: string[] = []
  for (const code of ['ada', 'bob', 'a', 'b', 'c', 'd', 'e', 'f'])
    if (await artifacts.has('DeviceCode', code)) left.push(code)
  expect(left).toEqual(['ada', 'bob', 'd', 'e', 'f'])
  expect(gave).toEqual([false, false, false, false, false, true, true, true])
  now += 600_001
  expect(await codes.makeRoom(5)).toBe(false)
  await store.close()
})

test('A71: a code counts for the network that asked for it, also once its person came from another', async () => {
  const scene = await createScene()
  const database = databaseOf(scene.server.store)
  const holders = () =>
    database.prepare('SELECT DISTINCT held_by FROM artifacts WHERE held_by NOT NULL').all()
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const { json } = await register(scene, { grant_types: [grant], redirect_uris: [], response_types: [] })
  const form = { client_id: String(json['client_id']) }
  for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
    await postForm(`${scene.origin}/device_authorization`, form, { 'x-test-address': address })
  expect(holders()).toHaveLength(2)
  await scene.stop()
})

test('A72: documents that one network has under way leave room for those of others', async () => {
  const documents = await startDocumentHost()
  const waiting: (() => void)[] = []
  documents.respond = (_request, response) => void waiting.push(() => sendDocument(response, {}))
  const guarded = createGuardedFetch({
    allowPrivateHosts: [documents.host],
    ca: documents.cert,
  })
  const fetchAs = (network: string) => guarded.fetch(documents.newId(), new Headers(), network)
  const many = Array.from({ length: 16 }, () => fetchAs('attacker'))
  await expect(fetchAs('attacker')).rejects.toThrow('too many documents are under way')
  const one = fetchAs('ada')
  await vi.waitFor(() => expect(waiting).toHaveLength(17))
  for (const answer of waiting) answer()
  expect((await Promise.all([...many, one])).map(({ status }) => status)).toEqual(Array(17).fill(200))
  const again = fetchAs('attacker')
  await vi.waitFor(() => expect(waiting).toHaveLength(18))
  waiting.at(-1)?.()
  expect((await again).status).toBe(200)
  await guarded.close()
  await documents.close()
})
