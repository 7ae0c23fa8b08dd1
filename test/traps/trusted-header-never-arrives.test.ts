// An SDK behind the gateway trusts `x-wacht-auth`. It never arrives there.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { open } from './trap.ts'

const SPOOFED = ['x-wacht-auth', 'X-Wacht-User', 'x_wacht_auth', 'x-authsec-user', 'x-auth-request-user']

test.each(SPOOFED)('T-46: %s', async (name) => {
  const gateway = await open()
  await gateway.post(toolCall('safe'), { [name]: '{"user":"root"}' })
  expect(gateway.upstream.received).toHaveLength(1)
  expect(JSON.stringify(gateway.upstream.received[0]?.rawHeaders)).not.toContain('root')
})
