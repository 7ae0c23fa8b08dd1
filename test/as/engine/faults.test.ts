// What is told when something breaks inside: the operator learns what, and a client only that something did.
import { expect, test } from 'vitest'
import { databaseOf } from '../support/database.ts'
import { createScene, refresh, signIn } from './scene.ts'
import { expectError } from './steps.ts'

test('H17: a fault is thrown once it was answered, and the next request goes well', async () => {
  const scene = await createScene()
  const session = await signIn(scene)
  databaseOf(scene.server.store).exec('ALTER TABLE artifacts RENAME TO hidden')
  const answer = await refresh(scene, session.clientId, session.refreshToken)
  databaseOf(scene.server.store).exec('ALTER TABLE hidden RENAME TO artifacts')
  expectError(answer, 500, 'server_error')
  expect(answer.text).not.toContain('artifacts')
  expect(scene.faults.map(String)).toEqual([expect.stringContaining('no such table: artifacts')])
  expect((await refresh(scene, session.clientId, session.refreshToken)).status).toBe(200)
  await scene.stop()
})
