// MCP clients were redirected to a login page for their `Accept`. Ours answers 401 with a challenge, whatever it says.
import { expect, test } from 'vitest'
import { expectUnauthorized, open } from './trap.ts'

const ACCEPT = ['application/json, text/event-stream', 'text/html', '*/*', 'application/json']

test.each(ACCEPT)('T-29: Accept %s', async (accept) => {
  const gateway = await open()
  const response = await fetch(gateway.resource, {
    ...{ method: 'POST', redirect: 'manual', body: '{}' },
    headers: { accept, 'content-type': 'application/json' },
  })
  expectUnauthorized(response, gateway)
  expect(response.headers.get('content-type')).toBe('application/json')
})
