// One address, and many people behind it: what one of them does wrong does not shut the others out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWhole } from '../clients/whole.ts'
import { createScene, postForm, postJson, redeem, refresh, type Scene, signIn } from './scene.ts'
import { newClient, newCode } from './steps.ts'

let scene: Scene
beforeAll(async () => {
  scene = await createScene()
  await scene.server.store.clients.save('resource-server', 'operator', {
    client_id: 'resource-server',
    client_secret: 'its secret',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
})
afterAll(() => scene.stop())

const BASIC = { authorization: `Basic ${btoa('resource-server:its+secret')}` }
const WRONG = { authorization: `Basic ${btoa('resource-server:a+guess')}` }

/** Uses up what may fail at an endpoint. */
async function exhaust(path: string): Promise<void> {
  for (let sent = 0; sent < 300; sent += 1)
    await postForm(scene.origin + path, { token: 'x', grant_type: 'x' }, WRONG)
  expect((await postForm(scene.origin + path, { token: 'x', grant_type: 'x' }, WRONG)).status).toBe(429)
}

describe('A68: at /token, from an address that failed 300 times', () => {
  test('A68: what is known is judged, what is not has to wait', async () => {
    const session = await signIn(scene)
    const other = await newClient(scene)
    const code = await newCode(scene, await newClient(scene))
    await exhaust('/token')
    expect((await refresh(scene, session.clientId, 'made-up')).status).toBe(429)
    const good = await refresh(scene, session.clientId, session.refreshToken)
    expect(good.status).toBe(200)
    expect((await redeem(scene, code)).status).toBe(200)
    expect((await redeem(scene, { ...code, code: 'made-up' })).status).toBe(429)
    const own = { grant_type: 'client_credentials', resource: scene.resource }
    expect((await postForm(`${scene.origin}/token`, own, BASIC)).status).toBe(200)
    // A known token under a wrong name is no oracle: it fails like any guess.
    const next = String(good.json['refresh_token'])
    const wrong = await refresh(scene, other, next)
    expect([wrong.status, wrong.json['error']]).toEqual([429, 'temporarily_unavailable'])
    expect(Number(wrong.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await refresh(scene, session.clientId, next)).status).toBe(200)
  })

  test('A68: nor is one that is shown again and again a way past the limit', async () => {
    const { refreshToken } = await signIn(scene)
    const other = await newClient(scene)
    const found = () => scene.events.filter(({ detail }) => detail === 'client mismatch').length
    const before = found()
    for (let sent = 0; sent < 40; sent += 1)
      expect((await refresh(scene, other, refreshToken)).status).toBe(429)
    expect(found() - before).toBe(30)
  })
})

test.each(['/introspect', '/revoke'])('A68: %s of a server that proves itself', async (path) => {
  await exhaust(path)
  expect((await postForm(scene.origin + path, { token: 'x' }, BASIC)).status).toBe(200)
  expect((await postForm(scene.origin + path, { token: 'x', client_id: 'x' })).status).toBe(429)
})

test('the file says how much', async () => {
  const whole = await startWhole({ server: '  limits: { registrations: 2/15min }' })
  const statuses: number[] = []
  for (let sent = 0; sent < 3; sent += 1)
    statuses.push((await postJson(`${whole.origin}/register`, {})).status)
  expect(statuses).toEqual([400, 400, 429])
  expect(whole.audit().at(-1)).toMatchObject({ event: 'refused', endpoint: '/register', reason: 'too_many' })
  await whole.close()
})
