// What a client hears for each refusal, over the socket: R1 to R19 of the requirement catalogue.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, toolCall } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.close())

test('R1: no credentials', async () => {
  const response = await fetch(gateway.resource, { method: 'POST', body: '{}' })
  expect(response.status).toBe(401)
  const metadata = `${gateway.origin}/.well-known/oauth-protected-resource/mcp/a`
  expect(response.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}", scope="a"`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    error: 'unauthorized',
    error_description: 'Authentication required',
  })
})

test('an allowed call reaches the upstream as the bytes that were sent, with identity', async () => {
  const body = '{ "jsonrpc":"2.0", "id":9007199254740993, "method":"tools/call","params":{"name":"safe"} }'
  gateway.upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"jsonrpc":"2.0","id":9007199254740993,"result":{}}')
  }
  const response = await gateway.post(body)
  expect(response.status).toBe(200)
  const seen = gateway.upstream.received.at(-1)
  expect(seen?.body.toString()).toBe(body)
  expect(seen?.headers).toMatchObject({
    'x-mcp-subject': 'user-1',
    'x-mcp-scopes': 'a',
    'x-mcp-client-id': 'client-1',
  })
  expect(seen?.headers.authorization).toBeUndefined()
})

test('R3: a scope is missing', async () => {
  const before = gateway.upstream.received.length
  const response = await gateway.post(toolCall('danger', 7))
  expect(response.status).toBe(403)
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_scope", scope="a admin", ' +
      `resource_metadata="${gateway.origin}/.well-known/oauth-protected-resource/mcp/a", ` +
      'error_description="admin is required"',
  )
  expect(await response.json()).toEqual({
    jsonrpc: '2.0',
    id: 7,
    error: {
      code: 403,
      message: 'Insufficient scope: admin is required',
      data: { error: 'insufficient_scope', scope: 'a admin' },
    },
  })
  expect(gateway.upstream.received.length).toBe(before)
})
