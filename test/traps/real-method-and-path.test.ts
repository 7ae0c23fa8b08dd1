// The seed says POST and `mcp` of every request. The real method and path are sent.
import { expect, test } from 'vitest'
import { openWacht } from './trap.ts'

test.each(['GET', 'DELETE'])('T-08: %s', async (method) => {
  const { gateway, wacht } = await openWacht()
  await fetch(gateway.resource, { method, headers: { authorization: 'Bearer good.1' } })
  expect(wacht.checks).toMatchObject([{ method, resource: '/mcp/a', client_ip: '127.0.0.1' }])
})
