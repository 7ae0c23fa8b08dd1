// Wacht's granted resource is the URN of an organization; as a subject it makes all members one person.
import { expect, test } from 'vitest'
import { call, openWacht } from './trap.ts'

test('T-02: the subject is the person; a token of nobody is refused', async () => {
  const { gateway } = await openWacht()
  await call(gateway, 'good.1')
  expect(gateway.upstream.received[0]?.headers['x-mcp-subject']).toBe('9001')
  expect((await call(gateway, 'machine.1')).status).toBe(401)
})

test('T-02: unless the file lets machines in, under a name that no person has', async () => {
  const { gateway } = await openWacht('    machine_tokens: true')
  expect((await call(gateway, 'machine.1')).status).toBe(200)
  expect(gateway.upstream.received[0]?.headers['x-mcp-subject']).toBe('key:41')
})
