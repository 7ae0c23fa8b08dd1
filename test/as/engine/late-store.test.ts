// The engine over a store whose answers come later: what holds with a file holds with a database elsewhere.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLateStore } from '../store/late-store.ts'
import { createScene, redeem, refresh, register, type Scene, signIn } from './scene.ts'
import { isRevoked, newClient, newCode } from './steps.ts'

const RACE = 10
let scene: Scene
beforeAll(async () => {
  scene = await createScene({ openStore: openLateStore, registration: { maxClients: 20 } })
})
afterAll(async () => {
  expect(scene.faults).toEqual([])
  await scene.stop()
})

test('A12: of codes at once exactly one is redeemed, and its tokens work', async () => {
  const code = await newCode(scene, await newClient(scene))
  const answers = await Promise.all(Array.from({ length: RACE }, () => redeem(scene, code)))
  const good = answers.filter(({ status }) => status === 200)
  expect(good).toHaveLength(1)
  expect(await isRevoked(scene, good[0]?.json['access_token'])).toBe(false)
})

test('A62: a client that races itself within the grace gets one answer, which goes on', async () => {
  const { clientId, refreshToken } = await signIn(scene)
  const answers = await Promise.all(
    Array.from({ length: RACE }, () => refresh(scene, clientId, refreshToken)),
  )
  expect(new Set(answers.map(({ json }) => json['refresh_token'])).size).toBe(1)
  const next = await refresh(scene, clientId, String(answers[0]?.json['refresh_token']))
  expect(next.status).toBe(200)
})

test('what is revoked is refused at once', async () => {
  const { accessToken } = await signIn(scene)
  const [grant] = await scene.server.store.grants.list()
  expect(await isRevoked(scene, accessToken)).toBe(false)
  await scene.server.store.grants.revoke(grant?.id ?? '')
  expect(await isRevoked(scene, accessToken)).toBe(true)
})

test('A35: many who register at once do not lose count', async () => {
  const answers = await Promise.all(Array.from({ length: RACE }, () => register(scene)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  expect(await scene.server.store.clients.countRegistered()).toBeLessThanOrEqual(20)
})
