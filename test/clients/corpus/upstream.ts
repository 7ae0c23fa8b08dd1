// The MCP server behind the gateway of the corpus: `echo` gives a text back, `secret` a secret. It has sessions for the
// revisions that know them and none for 2026-07-28, checks no token, and knows nothing of the gateway.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node'
import { createMcpHandler, isLegacyRequest, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

const MAX_SESSIONS = 100

export interface CorpusUpstream {
  readonly url: string
  close(): Promise<void>
}

export async function startCorpusUpstream(): Promise<CorpusUpstream> {
  const modern = createMcpHandler(build, { legacy: 'reject' })
  const serveModern = toNodeHandler(modern)
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()
  const server = createServer(async (request, response) => {
    const body = await readJson(request)
    // The SDK's structural type is not written for exactOptionalPropertyTypes.
    const message = request as NodeIncomingMessageLike
    if (await isLegacyRequest(await toWebRequest(message, body), body))
      await serveLegacy(sessions, request, response, body)
    else await serveModern(message, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await modern.close()
      for (const transport of sessions.values()) await transport.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function build(): McpServer {
  const server = new McpServer({ name: 'corpus', version: '1' })
  const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] })
  const echo = { description: 'Gives the text back', inputSchema: z.object({ text: z.string() }) }
  server.registerTool('echo', echo, ({ text: words }) => text(words))
  server.registerTool('secret', { description: 'Tells a secret' }, () => text('secret'))
  return server
}

async function serveLegacy(
  sessions: Map<string, NodeStreamableHTTPServerTransport>,
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
): Promise<void> {
  const known = sessions.get(String(request.headers['mcp-session-id']))
  if (known !== undefined) return await known.handleRequest(request, response, body)
  if (request.headers['mcp-session-id'] !== undefined || sessions.size >= MAX_SESSIONS)
    return void response.writeHead(404).end()
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  })
  await build().connect(transport)
  await transport.handleRequest(request, response, body)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.method !== 'POST') return undefined
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}
