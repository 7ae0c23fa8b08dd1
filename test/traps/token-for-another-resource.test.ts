// Naming a resource when metadata is chosen is no audience check. A token for another resource is refused.
import { expect, test } from 'vitest'
import { call, expectUnauthorized, openWacht } from './trap.ts'

test.each(['https://OTHER.example/mcp', undefined])('T-04: a token for %s', async (resource) => {
  const { gateway, wacht } = await openWacht()
  wacht.allowed = { metadata: { oauth_resource: resource } }
  expectUnauthorized(await call(gateway, 'good.1'), gateway)
  expect(gateway.audit().at(-1)).toMatchObject({ reason: 'token_rejected', check: 'audience' })
})
