// The tools of the table on @modelcontextprotocol/sdk, over HTTP+SSE and in the revision of that time, whatever a client asks
// for. No elicitation: 2024-11-05 has none. Its one argument is the port on loopback; it prints `ready`.
import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import {
  isInitializeRequest,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'
import { text } from '../../../../upstreams/everything/samples.ts'

const REVISION = '2024-11-05'

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

function build(): McpServer {
  const server = new McpServer({ name: 'world-typescript-sse', version: '1' })
  server.registerTool('echo', { inputSchema: { text: z.string() } }, (args) => text(args.text))
  server.registerTool(
    'count',
    { inputSchema: { steps: z.number(), delay_ms: z.number() } },
    ({ steps, delay_ms }, extra) => count(extra, steps, delay_ms),
  )
  server.registerTool('wait', { inputSchema: { ms: z.number() } }, async ({ ms }, { signal }) => {
    await delay(ms, undefined, { signal }).catch(() => console.log('cancelled'))
    return text('waited')
  })
  server.registerTool('think', { inputSchema: { text: z.string() } }, async (args) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: args.text } }]
    const { content } = await server.server.createMessage({ messages, maxTokens: 100 })
    return text(content.type === 'text' ? content.text : '')
  })
  server.registerTool('secret', {}, () => text('secret'))
  return server
}

async function count({ _meta, sendNotification }: Extra, steps: number, delayMs: number) {
  for (let progress = 1; progress <= steps; progress++) {
    const { progressToken } = _meta ?? {}
    if (progressToken !== undefined) {
      const params = { progressToken, progress, total: steps }
      await sendNotification({ method: 'notifications/progress', params })
    }
    await delay(delayMs) // SDK 1 drops a notification that comes in one piece with the answer
  }
  return text(`counted ${steps}`)
}

const transports = new Map<string, SSEServerTransport>()

createServer(async (req, res) => {
  const url = new URL(req.url ?? '/', 'http://127.0.0.1')
  if (req.method === 'GET') {
    const transport = new SSEServerTransport('/messages', res)
    transports.set(transport.sessionId, transport)
    res.on('close', () => transports.delete(transport.sessionId))
    return await build().connect(transport as Parameters<McpServer['connect']>[0])
  }
  const transport = transports.get(url.searchParams.get('sessionId') ?? '')
  if (transport === undefined) return void res.writeHead(404).end('no such session')
  await transport.handlePostMessage(req, res, asOfThen(await readJson(req)))
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))

/** A server of that time offers no later revision. */
function asOfThen(body: unknown): unknown {
  if (!isInitializeRequest(body)) return body
  return { ...body, params: { ...body.params, protocolVersion: REVISION } }
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}
