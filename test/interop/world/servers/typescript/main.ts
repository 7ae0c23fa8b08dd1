// The tools of the table on @modelcontextprotocol/server. Its one argument is the port on loopback; it prints `ready`. With
// REVISION in its environment it serves that revision alone, as a server of that time did.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node'
import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  inputResponse,
  isInitializeRequest,
  isLegacyRequest,
  McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { createReplay } from '../../../../upstreams/everything/replay.ts'
import { text } from '../../../../upstreams/everything/samples.ts'

const NAME = z.object({ name: z.string() })
const { REVISION } = process.env
const OPTIONS = REVISION === undefined ? {} : { supportedProtocolVersions: [REVISION] }

function build(): McpServer {
  const server = new McpServer({ name: 'world-typescript', version: '1' }, OPTIONS)
  server.registerTool(
    'echo',
    { description: 'Says it again', inputSchema: z.object({ text: z.string() }) },
    (args) => text(args.text),
  )
  server.registerTool(
    'count',
    {
      description: 'Reports each step',
      inputSchema: z.object({ steps: z.number(), delay_ms: z.number() }),
    },
    ({ steps, delay_ms }, ctx) => count(ctx, steps, delay_ms),
  )
  server.registerTool(
    'wait',
    { description: 'Waits', inputSchema: z.object({ ms: z.number() }) },
    async ({ ms }, ctx) => {
      const { signal } = ctx.mcpReq
      await delay(ms, undefined, { signal }).catch(() => console.log('cancelled'))
      return text('waited')
    },
  )
  server.registerTool('ask', { description: 'Asks for a name' }, (ctx) => {
    const name = acceptedContent(ctx.mcpReq.inputResponses, 'name', NAME)?.name
    if (name !== undefined) return text(`hello ${name}`)
    const form = inputRequired.elicit({ message: 'What is your name?', requestedSchema: NAME })
    return inputRequired({ inputRequests: { name: form } })
  })
  server.registerTool(
    'think',
    { description: "Asks the client's model", inputSchema: z.object({ text: z.string() }) },
    (args, ctx) => {
      const answer = inputResponse(ctx.mcpReq.inputResponses, 'thought')
      if (answer.kind === 'sampling') {
        const [content] = [answer.result.content].flat()
        return text(content?.type === 'text' ? content.text : '')
      }
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: args.text } }]
      const question = inputRequired.createMessage({ messages, maxTokens: 100 })
      return inputRequired({ inputRequests: { thought: question } })
    },
  )
  server.registerTool('secret', { description: 'Needs one more scope' }, () => text('secret'))
  return server
}

async function count(ctx: ServerContext, steps: number, delayMs: number) {
  const progressToken = ctx.mcpReq._meta?.progressToken
  for (let progress = 1; progress <= steps; progress++) {
    await delay(delayMs)
    if (progressToken === undefined) continue
    await ctx.mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress, total: steps },
    })
  }
  return text(`counted ${steps}`)
}

const modern = toNodeHandler(createMcpHandler(build, { legacy: 'reject' }))
const sessions = new Map<string, NodeStreamableHTTPServerTransport>()

createServer(async (req, res) => {
  const body = await readJson(req)
  // The SDK's structural type is not written for exactOptionalPropertyTypes.
  const message = req as NodeIncomingMessageLike
  const isLegacy = REVISION !== undefined || (await isLegacyRequest(await toWebRequest(message, body), body))
  await (isLegacy ? serveSession(req, res, body) : modern(message, res, body))
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))

async function serveSession(req: IncomingMessage, res: ServerResponse, body: unknown): Promise<void> {
  const id = req.headers['mcp-session-id']
  const known = sessions.get(String(id))
  if (known !== undefined) return await known.handleRequest(req, res, body)
  if (id !== undefined || !isInitializeRequest(body)) {
    res.writeHead(id === undefined ? 400 : 404, { 'content-type': 'application/json' })
    res.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no such session"}}')
    return
  }
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: createReplay(),
    retryInterval: 200,
    onsessioninitialized: (created) => void sessions.set(created, transport),
    onsessionclosed: (closed) => void sessions.delete(closed),
  })
  await build().connect(transport)
  await transport.handleRequest(req, res, body)
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  if (req.method !== 'POST') return undefined
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}
