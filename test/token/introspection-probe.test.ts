// What the start, and /readyz after it, learn of an introspection endpoint from a string that is nobody's token.
import { expect, test, vi } from 'vitest'
import type { IssuerSettings } from '../../src/core/settings.ts'
import { introspectionSettings, openScene, type Scene } from './scene.ts'

async function open(over: Partial<IssuerSettings> = {}, endpoint?: string): Promise<Scene> {
  const introspection = introspectionSettings({ endpoint })
  return openScene({ settings: { validation: 'introspection', introspection, ...over }, timeoutMs: 500 })
}

const expectUnready = async ({ issuer }: Scene, why: string) => {
  expect(await issuer.probe()).toEqual([`issuer corp: ${why}`])
  expect(issuer.status()).toMatchObject({ ready: false, lastError: why })
}

test('all is well: one question, nothing to say', async () => {
  const scene = await open()
  expect(await scene.issuer.probe()).toEqual([])
  expect(scene.as.requests).toMatchObject({ probe: 1, introspection: 0 })
  expect(scene.issuer.status()).toMatchObject({ ready: true, lastError: undefined })
})

test('wrong credentials', async () => {
  const scene = await open()
  scene.as.faults.introspection = { status: 401 }
  await expectUnready(scene, 'it refuses our client credentials')
})

test('no endpoint', async () => {
  const scene = await open()
  scene.as.metadata['introspection_endpoint'] = undefined
  await expectUnready(scene, 'its metadata has no introspection_endpoint')
})

test('nothing there', async () => {
  await expectUnready(await open({}, 'http://127.0.0.1:1/introspect'), 'ECONNREFUSED')
})

test('I60: an endpoint that calls everything active', async () => {
  const scene = await open()
  scene.as.introspectProbe = () => ({ active: true })
  await expectUnready(scene, 'introspection calls a random string an active token')
})

test('signed tokens that are introspected too', async () => {
  const scene = await open({ validation: 'jwt_and_introspection' })
  scene.as.faults.introspection = { status: 403 }
  await expectUnready(scene, 'it refuses our client credentials')
})

test('where only some tokens are introspected, it is said, and the others are served', async () => {
  const scene = await open({ validation: 'jwt_else_introspection' })
  scene.as.faults.introspection = { status: 401 }
  expect(await scene.issuer.probe()).toEqual(['issuer corp: it refuses our client credentials'])
  expect(scene.issuer.status().ready).toBe(true)
})

test('it heals by itself, and is asked at most once in five seconds until then', async () => {
  const scene = await open()
  scene.as.faults.introspection = { status: 401 }
  await scene.issuer.probe()
  for (let look = 0; look < 10; look++) expect(scene.issuer.status().ready).toBe(false)
  expect(scene.as.requests.probe).toBe(1)
  delete scene.as.faults.introspection
  scene.clock.pass(5_000)
  expect(scene.issuer.status().ready).toBe(false)
  await vi.waitFor(() => expect(scene.issuer.status()).toMatchObject({ ready: true, lastError: undefined }))
  expect(scene.as.requests.probe).toBe(2)
})
