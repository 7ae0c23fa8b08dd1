// What commands leave for the audit: told once, in order, with its time, also when the file could not be written for a
// while or no gateway ran.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Operations, openOperator } from '../../../src/as/operate/operator.ts'
import { createScene, type Scene } from '../engine/scene.ts'
import { databaseOf } from '../support/database.ts'

let scene: Scene
let operator: Operations

const AT = Date.parse('2026-11-20T10:00:00Z')

function open(data: string): Promise<Operations> {
  const settings = { data, cookieSecret: undefined }
  return openOperator({ settings, clock: { now: () => AT }, actor: 'operator olga' })
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  scene = await createScene()
  operator = await open(scene.data)
})
afterEach(async () => {
  await operator.close()
  await scene.stop()
  vi.useRealTimers()
})

const told = () => scene.events.map(({ event, subject, at, actor }) => [event, subject, at, actor])
const EXPECTED = [
  ['user_added', 'bob', AT, 'operator olga'],
  ['user_disabled', 'bob', AT, 'operator olga'],
]

async function addAndDisable(): Promise<void> {
  expect(await operator.users.add('bob', 'correct horse battery')).toBeUndefined()
  expect(await operator.users.disable('bob')).toBeUndefined()
}

test('told within a second, once and in order, with who and when', async () => {
  await addAndDisable()
  expect(told()).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told()).toEqual(EXPECTED)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(told()).toEqual(EXPECTED)
})

test('a file that cannot be written for a while ends nothing, and loses nothing', async () => {
  await addAndDisable()
  databaseOf(scene.server.store).exec('PRAGMA query_only = ON')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(told()).toEqual([])
  databaseOf(scene.server.store).exec('PRAGMA query_only = OFF')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told()).toEqual(EXPECTED)
})

test('what was done while no gateway ran is told at the next start', async () => {
  await scene.stop(true)
  await addAndDisable()
  scene = await createScene({ folder: scene.folder })
  expect(told()).toEqual(EXPECTED)
})

test('a change that fails leaves no record', async () => {
  expect(await operator.users.disable('nobody')).toBe('there is no user nobody')
  expect(await operator.users.add('x', 'short')).toContain('10 characters')
  expect(await operator.clients.rotateSecret('nothing')).toBeUndefined()
  expect(await operator.grants.revoke({ id: 'nothing' })).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told()).toEqual([])
})
