// Signing keys that change: which one signs, and how long another one is published.
import { afterEach, expect, test, vi } from 'vitest'
import { openOperator } from '../../../src/as/operate/operator.ts'
import { makeSigningKey } from '../../../src/as/store/keys.ts'
import { openStore } from '../../../src/as/store/sqlite/open-store.ts'
import { createScene, signIn } from './scene.ts'
import { later } from './steps.ts'

afterEach(() => void vi.useRealTimers())

test('A49: a rotated key signs, the old one is published until its time is over', async () => {
  const store = await openStore(':memory:', { secret: Buffer.alloc(32, 7), clock: { now: () => Date.now() } })
  const { live, signingKeys: keys } = store
  const [before] = live.signingKeys()
  const fresh = await makeSigningKey()
  await keys.rotate(fresh, 60_000)
  expect(live.signingKeys().map(({ kid }) => kid)).toEqual([fresh.kid, before?.kid])
  later(61)
  expect(live.signingKeys().map(({ kid }) => kid)).toEqual([fresh.kid])
  await store.close()
})

test('A49, AS-10: the one before it is published for as long as its last token may live', async () => {
  const day = 86_400
  const scene = await createScene({ settings: { accessTokenTtlSeconds: day } })
  const [before] = scene.server.keys()
  const { accessToken } = await signIn(scene)
  const operator = await openOperator({
    settings: { data: scene.data, cookieSecret: undefined },
    clock: { now: () => Date.now() },
    actor: 'operator olga',
  })
  const fresh = await operator.keys.rotate()
  await operator.close()
  const header = JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString())
  expect(header.kid).toBe(before?.kid)
  later(day)
  expect(scene.server.keys().map(({ kid }) => kid)).toEqual([fresh, before?.kid])
  later(600)
  expect(scene.server.keys().map(({ kid }) => kid)).toEqual([fresh])
  await scene.stop()
})
