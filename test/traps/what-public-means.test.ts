// "Public" means two things. A rule without scopes needs a token; what is open without one has a key of its own.
import { expect, test } from 'vitest'
import { toolCall } from '../support/gateway.ts'
import { call, open } from './trap.ts'

test('T-17: a tool without scopes needs a token, a method under `anonymous` needs none', async () => {
  const gateway = await open({
    policy: '\n      anonymous: [tools/list]\n      rules:\n        - { tools: [health] }',
  })
  const bare = (body: object) =>
    fetch(gateway.resource, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await bare(toolCall('health'))).status).toBe(401)
  expect((await call(gateway, gateway.token(), 'health')).status).toBe(200)
  expect((await bare({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(200)
})
