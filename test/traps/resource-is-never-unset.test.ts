// "Leave the resource unset for compatibility": tokens bound to nothing. There is no such setting.
import { expect, test } from 'vitest'
import { errorsIn } from './trap.ts'

const FILE = (line: string) => `public_url: https://mcp.example.com
issuers: { corp: { issuer: https://login.example.com } }
routes: [{ name: a, path: /a, upstream: http://127.0.0.1:1/, issuers: [corp]${line} }]
`

test('T-40: an audience of nothing does not load, and none means the resource', () => {
  expect(errorsIn(FILE(''))).toEqual([])
  expect(errorsIn(FILE(', audience: []')).join()).toMatch(/empty list/)
})
