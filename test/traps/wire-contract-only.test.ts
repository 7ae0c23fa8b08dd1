// Names of an SDK move; a seed's function was gone two releases later. Only the wire contract is spoken.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { call, openWacht } from './trap.ts'

test('T-07: exactly the fields of the contract, no SDK, and no token for the upstream', async () => {
  const { gateway, wacht } = await openWacht()
  await call(gateway, 'good.1')
  expect(Object.keys(wacht.checks[0] ?? {})).toEqual([
    ...['principal', 'resource', 'method', 'client_ip', 'user_agent'],
  ])
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object }
  expect(Object.keys(dependencies).join()).not.toMatch(/wacht/)
  expect(JSON.stringify(gateway.upstream.received[0]?.rawHeaders)).not.toContain('good.1')
})
