// One `sub` of two issuers is two people. Subject and issuer are told together, and own things together.
import { expect, test } from 'vitest'
import { ownerOf } from '../../src/mcp/owner.ts'
import { call, open } from './trap.ts'

test('T-50: the upstream hears both, and what one owns the other does not', async () => {
  const gateway = await open()
  await call(gateway, gateway.token())
  expect(gateway.upstream.received[0]?.headers).toMatchObject({
    ...{ 'x-mcp-subject': 'user-1', 'x-mcp-issuer': gateway.issuer.url },
  })
  const principal = {
    ...{
      subject: 'user-1',
      key: 'user-1',
      clientId: 'c',
      scopes: new Set<string>(),
      roles: [],
      expiresAt: 1,
    },
    ...{ boundKey: undefined, claims: {} },
  }
  const owners = ['https://a.example', 'https://b.example'].map((issuer) =>
    ownerOf('a', { ...principal, issuer }),
  )
  expect(new Set(owners).size).toBe(2)
})
