// "0 prevents expiration" became ninety days. Nothing here lives for ever, and 0 is not read as that.
import { expect, test } from 'vitest'
import { call, errorsIn, expectUnauthorized, open } from './trap.ts'

const FILE = (line: string) => `public_url: https://mcp.example.com
issuers: { corp: { issuer: https://login.example.com, ${line} } }
routes: [{ name: a, path: /a, upstream: http://127.0.0.1:1/, issuers: [corp] }]
`

test('T-39: a life of nothing does not load', () => {
  expect(errorsIn(FILE('max_lifetime: 1h'))).toEqual([])
  expect(errorsIn(FILE('max_lifetime: 0s')).join()).toMatch(/expected a duration/)
})

test.each([0, undefined, null])('T-39: exp %j', async (exp) => {
  const gateway = await open()
  expectUnauthorized(await call(gateway, gateway.token('a', { exp })), gateway)
})
