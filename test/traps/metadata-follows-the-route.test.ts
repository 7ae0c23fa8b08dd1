// Metadata path and endpoint path diverge, and a guard covers health too. Here both follow from the route.
import { expect, test } from 'vitest'
import { open } from './trap.ts'

test('T-09: metadata names the path that is served, and needs no token; nor does health', async () => {
  const gateway = await open()
  const response = await fetch(`${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`)
  expect(await response.json()).toMatchObject({ resource: gateway.resource })
  expect((await fetch(gateway.resource, { method: 'POST' })).status).toBe(401)
  expect((await fetch(`${gateway.running.adminOrigin}/healthz`)).status).toBe(200)
})
