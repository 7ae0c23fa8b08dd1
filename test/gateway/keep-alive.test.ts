// How long a connection to a server is kept that nobody uses: a server may close it at the moment when a call is sent.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { callOf } from '../support/messages.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({ upstream: 'keep_alive: 50ms,' })
})
afterAll(() => gateway.close())

test('L75 with keep_alive it ends after that time, before the server would end it', async () => {
  const { body, headers } = callOf('legacy')
  expect((await gateway.post(body, headers)).status).toBe(200)
  await expect.poll(() => gateway.upstream.sockets.size).toBe(0)
  expect((await gateway.post(body, headers)).status).toBe(200)
})
