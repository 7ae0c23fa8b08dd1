// `req.body.user_id || user`: the caller chose who it was. Identity comes from the token alone.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { open } from './trap.ts'

test('T-35: headers and bodies do not say who calls', async () => {
  const gateway = await open()
  const body = { ...toolCall('safe'), params: { name: 'safe', arguments: { user_id: 'root' } } }
  await gateway.post(body, { 'x-mcp-subject': 'root', 'X-MCP-Subject': 'root', x_mcp_subject: 'root' })
  const { rawHeaders = [] } = gateway.upstream.received[0] ?? {}
  const named = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && /^x.mcp.subject$/i.test(name) ? rawHeaders[index + 1] : [],
  )
  expect(named).toEqual(['user-1'])
})
