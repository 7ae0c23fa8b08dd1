// A cookie alone authenticated a POST from any page. Here a cookie is nothing unless a route says so.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { expectUnauthorized, open } from './trap.ts'

test('T-32: a cookie is no credential, and a foreign origin is refused', async () => {
  const gateway = await open()
  const post = (headers: Readonly<Record<string, string>>) =>
    fetch(gateway.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(toolCall('safe')),
    })
  expectUnauthorized(await post({ cookie: `connect.sid=1; token=${gateway.token()}` }), gateway)
  expect((await post({ cookie: 'a=b', origin: 'https://evil.example' })).status).toBe(403)
})
