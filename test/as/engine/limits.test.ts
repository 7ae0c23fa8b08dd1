// How often one address may ask the engine for something, and what is told when it breaks.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ask, createScene, postForm, refresh, register, type Scene, signIn } from './scene.ts'
import { expectError, later } from './steps.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

let scene: Scene
beforeEach(async () => {
  scene = await createScene()
})
afterEach(async () => {
  vi.useRealTimers()
  await scene.stop()
})

async function inTens<T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const done: T[] = []
  for (let index = 0; index < times; index += 10)
    done.push(...(await Promise.all(Array.from({ length: 10 }, (_, more) => work(index + more)))))
  return done
}

describe('H3: one address', () => {
  test('fails 300 times at the token endpoint in a quarter of an hour, and then waits', async () => {
    const session = await signIn(scene)
    const wrong = () => refresh(scene, session.clientId, 'x'.repeat(43))
    const answers = await inTens(300, wrong)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]))
    const over = await refresh(scene, session.clientId, session.refreshToken)
    expectError(over, 429, 'temporarily_unavailable')
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
    later(15 * 60 + 1)
    expect((await refresh(scene, session.clientId, session.refreshToken)).status).toBe(200)
  })

  test('A43: devices that wait for their person have not failed', async () => {
    const session = await signIn(scene)
    const { json } = await register(scene, {
      grant_types: [DEVICE_CODE],
      redirect_uris: [],
      response_types: [],
    })
    const clientId = String(json['client_id'])
    const devices = await inTens(40, () =>
      postForm(`${scene.origin}/device_authorization`, { client_id: clientId, scope: 'notes:read' }),
    )
    for (let round = 1; round <= 8; round += 1) {
      later(6)
      const answers = await inTens(devices.length, (index) =>
        postForm(`${scene.origin}/token`, {
          ...{ grant_type: DEVICE_CODE, client_id: clientId },
          device_code: String(devices[index]?.json['device_code']),
        }),
      )
      expect(new Set(answers.map((answer) => answer.json['error']))).toEqual(
        new Set(['authorization_pending']),
      )
    }
    expect((await refresh(scene, session.clientId, session.refreshToken)).status).toBe(200)
  })

  test('begins a thousand authorizations in a quarter of an hour, and then sees a page that says so', async () => {
    const begin = () =>
      ask(`${scene.origin}/authorize?client_id=nobody`, { headers: { accept: 'text/html' } })
    const answers = await inTens(1_000, begin)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]))
    const over = await begin()
    expect([over.status, over.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8'])
    expect(over.headers.get('retry-after')).toMatch(/^\d+$/)
    const device = await postForm(`${scene.origin}/device_authorization`, { client_id: 'nobody' })
    expect(device.status).toBe(429)
    later(15 * 60 + 1)
    expect((await begin()).status).toBe(400)
  })
})

test('what breaks inside is told to the operator, and to a client only that something did', async () => {
  const session = await signIn(scene)
  scene.server.store.database.exec('ALTER TABLE artifacts RENAME TO hidden')
  const answer = await refresh(scene, session.clientId, session.refreshToken)
  scene.server.store.database.exec('ALTER TABLE hidden RENAME TO artifacts')
  expectError(answer, 500, 'server_error')
  expect(answer.text).not.toContain('artifacts')
  expect(scene.faults.map(String)).toEqual([expect.stringContaining('no such table: artifacts')])
  expect((await refresh(scene, session.clientId, session.refreshToken)).status).toBe(200)
})
