// The MCP server that the files in config/ are written for: it lists notes and adds one.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'

export interface NotesServer {
  readonly url: string
  close(): Promise<void>
}

export async function startNotes(): Promise<NotesServer> {
  const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] })
  const build = () => {
    const server = new McpServer({ name: 'notes', version: '1' })
    server.registerTool('list_notes', { description: 'Lists the notes' }, () => text('no notes'))
    server.registerTool('add_note', { description: 'Adds a note' }, () => text('added'))
    return server
  }
  const handler = createMcpHandler(build, { legacy: 'stateless' })
  const serve = toNodeHandler(handler)
  const server = createServer((request, response) => void serve(request as NodeIncomingMessageLike, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await handler.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
