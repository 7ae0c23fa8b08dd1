// `SESSION_SECRET || 'your-secure-session-secret'`. There is no default, and a short one does not load.
import { expect, test } from 'vitest'
import { errorsIn } from './trap.ts'

const FILE = (line: string) => `public_url: https://mcp.example.com
${line}
issuers: { corp: { issuer: https://login.example.com } }
routes: [{ name: a, path: /a, upstream: http://127.0.0.1:1/, issuers: [corp] }]
`

test('T-26: short secrets do not load', () => {
  expect(errorsIn(FILE('session_key: ${LONG}'))).toEqual([])
  expect(errorsIn(FILE('session_key: ${SHORT}')).join()).toMatch(/at least 32 bytes/)
  expect(errorsIn(FILE('session_key: ${UNSET}')).join()).toMatch(/unset or empty/)
})
