// The MCP server behind every peer: an own process that answers as a stateless server does, since some peers are MCP
// clients of it and begin with `initialize`. Arguments: port.
import { createServer } from 'node:http'
import { REPLY_BODY } from '../scene.ts'

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: { readonly protocolVersion?: string }
}

const REPLY = (JSON.parse(REPLY_BODY) as { result: object }).result
const TOOL = {
  name: 'list_notes',
  description: 'List notes',
  inputSchema: { type: 'object', properties: { folder: { type: 'string' } } },
}

function resultOf({ method, params }: Message): object {
  if (method === 'tools/call') return REPLY
  if (method === 'tools/list') return { tools: [TOOL] }
  if (method !== 'initialize') return {}
  const protocolVersion = params?.protocolVersion
  return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'notes', version: '1.0.0' } }
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(405).end()
    return
  }
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const message = JSON.parse(body) as Message
    if (message.id === undefined) {
      response.writeHead(202).end()
      return
    }
    const text = JSON.stringify({ jsonrpc: '2.0', id: message.id, result: resultOf(message) })
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text)
  })
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1')
