// A peeking decoder saw `ping` where the upstream ran `tools/call`. What two parsers could read differently is refused.
import { expect, test } from 'vitest'
import { open } from './trap.ts'

const BODIES = [
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","Method":"ping","params":{"name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","Name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe"},"PARAMS":{"name":"danger"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","param\u017f":{},"params":{"name":"danger"}}',
]

test.each(BODIES)('T-21: %s', async (body) => {
  const gateway = await open()
  expect((await gateway.post(body, { authorization: `Bearer ${gateway.token('a admin')}` })).status).toBe(400)
  expect(gateway.upstream.received).toEqual([])
})
