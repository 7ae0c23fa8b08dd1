// An invalid token still reached the upstream for the handshake. Here nothing does.
import { test } from 'vitest'
import { expectUnauthorized, open } from './trap.ts'

test.each(['initialize', 'ping', 'notifications/initialized'])(
  'T-22: %s with a bad token',
  async (method) => {
    const gateway = await open()
    const id = method.startsWith('notifications/') ? {} : { id: 1 }
    const body = { jsonrpc: '2.0', ...id, method, params: {} }
    expectUnauthorized(await gateway.post(body, { authorization: 'Bearer bad' }), gateway)
  },
)
