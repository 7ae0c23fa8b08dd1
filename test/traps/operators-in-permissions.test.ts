// AND, OR and brackets in a permission change what it means there. Such names do not load.
import { expect, test } from 'vitest'
import { errorsIn } from './trap.ts'

const FILE = (scope: string) => `public_url: https://mcp.example.com
issuers: { acme: { verifier: wacht, issuer: https://auth.example.com } }
routes: [{ name: a, path: /a, upstream: http://127.0.0.1:1/, issuers: [acme], scopes: ["${scope}"] }]
`

test.each(['a(b)', 'AND', 'OR', 'true', 'a,b'])('T-48: %s', (scope) => {
  expect(errorsIn(FILE('notes:read'))).toEqual([])
  expect(errorsIn(FILE(scope)).join()).toMatch(/as an expression/)
})
