// An MCP server for tests, on the SDK's second generation: 2026-07-28 without sessions and the older
// revisions with them, on one endpoint, with everything that the official conformance suite asks for.
// It checks no token and knows nothing of the gateway. Run as a program: `everything-2x.ts [port] [--lax-headers]`.
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  localhostHostValidation,
  localhostOriginValidation,
  type NodeIncomingMessageLike,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  createRequestStateCodec,
  isInitializeRequest,
  isLegacyRequest,
  type McpHttpHandler,
  type McpRequestContext,
  McpServer,
  PROTOCOL_VERSION_META_KEY,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import {
  registerContentTools,
  registerSchemaTools,
  registerStreamingTools,
} from './everything/content-tools.ts'
import {
  type Progress,
  registerAskingPrompt,
  registerConversations,
  registerQuestions,
} from './everything/input-tools.ts'
import { registerPrompts, registerResources } from './everything/prompts-and-resources.ts'
import { createReplay } from './everything/replay.ts'
import { text } from './everything/samples.ts'
import {
  createTaskServer,
  isTaskMessage,
  registerTaskTools,
  TASKS_EXTENSION,
} from './everything/task-server.ts'
import { createTaskStore } from './everything/tasks.ts'

/** How soon a client may come back for a stream that the server closed. */
const RETRY_MS = 500
const MAX_SESSIONS = 1000

const requestState = createRequestStateCodec<Progress>({ key: randomBytes(32) })

export interface RunningServer {
  readonly url: string
  close(): Promise<void>
}

export interface ServerOptions {
  /** Believes whatever stands in the mirrored headers (M34 to M42), as a server without SEP-2243 does. */
  readonly laxHeaders?: boolean
}

/** Listens on loopback; port 0 takes a free one. */
export async function startEverything(port = 0, { laxHeaders }: ServerOptions = {}): Promise<RunningServer> {
  const modern: McpHttpHandler = createMcpHandler((context) => build(context, modern.notify), {
    legacy: 'reject',
  })
  const tasks = createTaskStore()
  const tasked = createMcpHandler(() => createTaskServer(tasks), { legacy: 'reject' })
  const serveModern = toNodeHandler(modern)
  const serveTasks = toNodeHandler(tasked)
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()
  const isHostAllowed = localhostHostValidation()
  const isOriginAllowed = localhostOriginValidation()
  const server = createServer(async (req, res) => {
    if (!isHostAllowed(req, res) || !isOriginAllowed(req, res)) return
    const body = await readJson(req)
    if (laxHeaders) mirror(body, req.headers)
    // The SDK's structural type is not written for exactOptionalPropertyTypes.
    const message = req as NodeIncomingMessageLike
    const probe = await toWebRequest(message, body)
    if (await isLegacyRequest(probe, body)) await serveLegacy(sessions, modern.notify, req, res, body)
    else await (isTaskMessage(body) ? serveTasks : serveModern)(message, res, body)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await modern.close()
      await tasked.close()
      tasks.close()
      for (const transport of sessions.values()) await transport.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function build({ era }: Pick<McpRequestContext, 'era'>, notify: ServerNotifier): McpServer {
  const server = new McpServer(
    { name: 'everything-2x', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        completions: {},
        resources: { subscribe: true },
        ...(era === 'modern' && { extensions: { [TASKS_EXTENSION]: {} } }),
      },
      requestState: { verify: requestState.verify },
    },
  )
  registerContentTools(server)
  registerStreamingTools(server)
  registerSchemaTools(server)
  registerQuestions(server)
  registerConversations(server, requestState)
  registerTaskTools(server)
  registerAskingPrompt(server)
  registerPrompts(server)
  registerResources(server)
  server.registerTool('test_trigger_tool_change', { description: 'Says that the tools changed' }, () => {
    notify.toolsChanged()
    return text('Announced')
  })
  server.registerTool('test_trigger_prompt_change', { description: 'Says that the prompts changed' }, () => {
    notify.promptsChanged()
    return text('Announced')
  })
  if (era === 'legacy') acceptSubscriptions(server)
  return server
}

/** 2026-07-28 replaced these two methods with subscriptions/listen, which the SDK serves by itself. */
function acceptSubscriptions(server: McpServer): void {
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))
}

/** Makes the headers say what the body says, so that the SDK finds no difference to refuse. */
function mirror(body: unknown, headers: IncomingHttpHeaders): void {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: Record<string, unknown> }
  const version = (params?.['_meta'] as Record<string, unknown> | undefined)?.[PROTOCOL_VERSION_META_KEY]
  if (version === undefined) return
  const name = params?.['name'] ?? params?.['uri'] ?? params?.['taskId']
  headers['mcp-protocol-version'] = String(version)
  headers['mcp-method'] = String(method)
  headers['mcp-name'] = String(name)
}

async function serveLegacy(
  sessions: Map<string, NodeStreamableHTTPServerTransport>,
  notify: ServerNotifier,
  req: IncomingMessage,
  res: ServerResponse,
  body: unknown,
): Promise<void> {
  const id = req.headers['mcp-session-id']
  const known = typeof id === 'string' ? sessions.get(id) : undefined
  if (known !== undefined) return await known.handleRequest(req, res, body)
  if (id !== undefined) return refuse(res, 404, 'Session not found')
  if (!isInitializeRequest(body)) return refuse(res, 400, 'Bad Request: no session')
  if (sessions.size >= MAX_SESSIONS) return refuse(res, 503, 'Too many sessions')
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore: createReplay(),
    retryInterval: RETRY_MS,
    onsessioninitialized: (created) => {
      sessions.set(created, transport)
    },
    onsessionclosed: (closed) => {
      sessions.delete(closed)
    },
  })
  await build({ era: 'legacy' }, notify).connect(transport)
  await transport.handleRequest(req, res, body)
}

function refuse(res: ServerResponse, status: number, message: string): void {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }))
}

/** Undefined when there is no body, or when it is not JSON. */
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

if (import.meta.main) {
  const [port, flag] = process.argv.slice(2)
  const { url } = await startEverything(Number(port ?? 0), { laxHeaders: flag === '--lax-headers' })
  console.log(url)
}
