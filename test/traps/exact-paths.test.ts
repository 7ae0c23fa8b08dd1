// `startsWith('/auth/')` opened everything below. Paths are exact.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { open } from './trap.ts'

const PATHS = [
  '/auth/x',
  '/auth/',
  '/mcp/a/auth/',
  '/auth/..%2fmcp/a',
  '/mcp/..;/auth/',
  '//auth/',
  '/mcp/a/x',
]

test.each(PATHS)('T-28: %s reaches nothing', async (path) => {
  const gateway = await open()
  expect([400, 404]).toContain((await gateway.post(toolCall('safe'), {}, path)).status)
  expect(gateway.upstream.received).toEqual([])
})
