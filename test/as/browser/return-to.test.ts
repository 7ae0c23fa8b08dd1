// A26: where a browser is sent after signing in.
import { expect, test } from 'vitest'
import { safeReturn } from '../../../src/as/browser/return-to.ts'

const ORIGIN = 'https://mcp.example.com'
const APPS = ['https://app.example.com', 'http://127.0.0.1:5173']

const rows: [string, boolean][] = [
  ['/', true],
  ['/app/page?tab=1&x=%2F#part', true],
  ['https://app.example.com/', true],
  ['https://app.example.com/deep?q=1', true],
  ['http://127.0.0.1:5173/', true],
  ['', false],
  ['app', false],
  ['//evil.com', false],
  ['/\\evil.com', false],
  ['\\/evil.com', false],
  ['\\\\evil.com', false],
  ['https:evil.com', false],
  ['https:/evil.com', false],
  ['///evil.com', false],
  ['/\t/evil.com', false],
  ['/\n/evil.com', false],
  [' //evil.com', false],
  ['/%09/evil.com', true], // stays a path of ours: nothing decodes it
  ['https://good.evil', false],
  ['https://app.example.com.evil.com/', false],
  ['https://app.example.com@evil.com/', false],
  ['https://user@app.example.com/', false],
  ['https://APP.example.com/', false],
  ['https://app.example.com', false],
  ['https://app.example.com:444/', false],
  ['http://app.example.com/', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  [`/${'a'.repeat(1_024)}`, false],
  ['/ä', false],
]
test.each(rows)('A26: %j → %s', (text, allowed) => {
  expect(safeReturn(text, ORIGIN, APPS)).toBe(allowed ? text : undefined)
})

// The origin of these is said to be that of the application.
test.each([
  'blob:https://app.example.com/x',
  'blob:https://app.example.com/',
  'filesystem:https://app.example.com/x',
])('A84: %s is no page', (text) => {
  expect(safeReturn(text, ORIGIN, APPS)).toBeUndefined()
})
