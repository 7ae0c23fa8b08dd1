// A person's token of the identity provider is not a token for this server.
import { test } from 'vitest'
import { call, expectUnauthorized, open } from './trap.ts'

test.each(['client-1', 'https://graph.example.com', ['client-1', 'account']])('T-33: aud %j', async (aud) => {
  const gateway = await open()
  expectUnauthorized(await call(gateway, gateway.token('a', { aud, azp: 'client-1' })), gateway)
})

test('T-33: an ID token of the same issuer', async () => {
  const gateway = await open()
  const id = gateway.token('a', { nonce: 'n', at_hash: 'h', scope: undefined })
  expectUnauthorized(await call(gateway, id), gateway)
})
