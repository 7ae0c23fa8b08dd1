// Registered clients that nobody gave anything to: each network holds a share of them, and where there is no room, who
// holds the most gives way first.
import { afterEach, expect, test, vi } from 'vitest'
import { USUAL_LIMITS } from '../support/limits.ts'
import { type Answer, createScene, postJson, type Scene, signIn } from './scene.ts'
import { later } from './steps.ts'

let scene: Scene
afterEach(async () => {
  vi.useRealTimers()
  await scene.stop()
})

const CLIENT = { redirect_uris: ['http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' }
const MANY = { ...USUAL_LIMITS, registrations: { count: 1_000, seconds: 3_600 } }

async function open(maxClients: number): Promise<void> {
  scene = await createScene({ registration: { maxClients }, settings: { limits: MANY } })
}

const from = (address: string): Promise<Answer> =>
  postJson(`${scene.origin}/register`, CLIENT, 'POST', { 'x-test-address': address })
const idOf = ({ json }: Answer) => String(json['client_id'])
const kept = async () => new Set((await scene.server.store.clients.list()).map(({ id }) => id))
const removals = () => scene.events.filter(({ event }) => event === 'client_removed')

test('A69: a thousand registrations from ten addresses shut nobody out', async () => {
  await open(100)
  const used = await signIn(scene)
  const ada = idOf(await from('198.51.100.1'))
  for (let sent = 0; sent < 200; sent += 1) expect((await from(`192.0.2.${sent % 10}`)).status).toBe(201)
  const bob = await from('198.51.100.2')
  expect(bob.status).toBe(201)
  const left = await kept()
  expect([left.size, [used.clientId, ada, idOf(bob)].filter((id) => !left.has(id))]).toEqual([100, []])
  expect(removals().length).toBe(103)
  expect(removals().at(-1)).toMatchObject({ actor: 'server', detail: 'its network holds the most' })
})

test('A69: a network at its share loses its own oldest, while there is room for others', async () => {
  await open(80)
  const first = idOf(await from('192.0.2.1'))
  later(1)
  for (let sent = 0; sent < 20; sent += 1) await from('192.0.2.1')
  expect([(await kept()).size, (await kept()).has(first)]).toEqual([20, false])
  expect(removals()).toEqual([
    expect.objectContaining({ client: first, detail: 'its network holds its share' }),
  ])
})

test('A69: what somebody gave something to counts for no share, and gives way to nobody', async () => {
  await open(80)
  const used: string[] = []
  for (let sent = 0; sent < 3; sent += 1) used.push((await signIn(scene)).clientId)
  for (let sent = 0; sent < 30; sent += 1) await from('127.0.0.1')
  const left = await kept()
  expect(used.filter((id) => !left.has(id))).toEqual([])
  expect(left.size).toBe(3 + 20)
})

test('A35, A69: where everybody holds one, those of the last hour stay, and older ones go', async () => {
  await open(5)
  const old = idOf(await from('192.0.2.1'))
  for (let host = 2; host <= 5; host += 1) await from(`192.0.2.${host}`)
  expect((await from('192.0.2.6')).status).toBe(503)
  later(3 * 3_600)
  expect((await from('192.0.2.6')).status).toBe(201)
  expect((await kept()).has(old)).toBe(false)
  expect(removals().at(-1)).toMatchObject({ client: old, detail: 'unused' })
})

test('A69: removed by itself or its owner, it counts no more', async () => {
  await open(80)
  const { clientHolders: holders, clients } = scene.server.store
  const mine = [idOf(await from('192.0.2.1')), idOf(await from('192.0.2.1'))]
  expect(await holders.heldBy('192.0.2.1')).toBe(2)
  for (const id of mine) await clients.remove(id)
  expect([await holders.heldBy('192.0.2.1'), await holders.oldestOfLargest()]).toEqual([0, undefined])
})
