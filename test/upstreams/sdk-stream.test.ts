// What a server on the official SDK (@modelcontextprotocol/sdk 1.32) streams while a tool runs comes through the gateway
// byte for byte: log messages and progress that pass unread, and the answer, which is read.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const MESSAGES = 400
const SAID = [
  'all is well',
  'the result is an error',
  'caf\u00e9 \u65e5\u672c',
  'a "result": {}',
  'x'.repeat(5_000),
]

let gateway: TestGateway
const server = createServer((request, response) => void serve(request, response))
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  gateway = await startTestGateway({ upstreamUrl: `http://127.0.0.1:${port}/mcp` })
})
afterAll(async () => {
  await gateway.close()
  await new Promise((resolve) => server.close(resolve))
})

/** Without sessions: a server for each request. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const mcp = new McpServer({ name: 'talker', version: '1' }, { capabilities: { logging: {} } })
  mcp.registerTool('safe', {}, async ({ sendNotification }) => {
    for (let count = 0; count < MESSAGES; count += 1) {
      const data = `${count}: ${SAID[count % SAID.length]}`
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
    }
    return { content: [{ type: 'text', text: 'done' }] }
  })
  const transport = new StreamableHTTPServerTransport({})
  await mcp.connect(transport as Parameters<typeof mcp.connect>[0])
  await transport.handleRequest(request, response)
}

async function talk(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.token()}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"safe","arguments":{}}}',
  })
  return response.text()
}

test('a tool that logs 400 messages is heard byte for byte', async () => {
  const direct = await talk(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
  expect(direct.split('\n\n')).toHaveLength(MESSAGES + 2)
  expect(await talk(gateway.resource)).toBe(direct)
})
