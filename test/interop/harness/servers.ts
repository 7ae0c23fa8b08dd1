// Other people's MCP servers: how each is started on loopback, and what it can be asked without the internet.
// They run exactly as published; nothing here works around a fault of theirs.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { type Running, startChild } from './child.ts'
import { pathWithPrograms, programOf } from './packages.ts'

export interface ServerCommand {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A call, and what its answer holds. */
export interface ToolCall {
  readonly tool: string
  readonly args: Record<string, unknown>
  readonly holds: string
}

export interface RealServer {
  readonly name: string
  /** Path of its MCP endpoint. */
  readonly endpoint: string
  /** It answers to this host name only (N-02). */
  readonly host?: string
  readonly transport: 'http' | 'sse'
  /** A tool it must list. */
  readonly tool: string
  /** A call that needs no internet, or why there is none and the server is only listed. */
  readonly call: ToolCall | string
  /** `folder` is empty and the server's own. */
  command(port: number, folder: string): ServerCommand
}

const everything = programOf('@modelcontextprotocol/server-everything', 'mcp-server-everything')
const echo = { tool: 'echo', args: { message: 'ahoy' }, holds: 'ahoy' }

export const SERVERS: readonly RealServer[] = [
  {
    name: 'server-everything',
    endpoint: '/mcp',
    transport: 'http',
    tool: 'echo',
    call: echo,
    command: (port) => ({ args: [everything, 'streamableHttp'], env: { PORT: String(port) } }),
  },
  {
    name: 'server-everything-sse',
    endpoint: '/sse',
    transport: 'sse',
    tool: 'echo',
    call: echo,
    command: (port) => ({ args: [everything, 'sse'], env: { PORT: String(port) } }),
  },
  {
    name: 'context7',
    endpoint: '/mcp',
    transport: 'http',
    tool: 'resolve-library-id',
    call: 'every tool of it asks the internet',
    command: (port) => ({
      args: [
        programOf('@upstash/context7-mcp', 'context7-mcp'),
        '--transport',
        'http',
        '--port',
        String(port),
      ],
      env: { OTEL_SDK_DISABLED: 'true' },
    }),
  },
  {
    name: 'playwright',
    endpoint: '/mcp',
    host: 'localhost',
    transport: 'http',
    tool: 'browser_navigate',
    call: 'every tool of it needs a browser that it downloads from the internet',
    command: (port) => ({
      args: [programOf('@playwright/mcp', 'playwright-mcp'), '--port', String(port), '--headless'],
    }),
  },
  {
    name: 'filesystem-supergateway',
    endpoint: '/mcp',
    transport: 'http',
    tool: 'read_text_file',
    call: { tool: 'list_allowed_directories', args: {}, holds: 'filesystem-supergateway' },
    command: (port, folder) => ({
      args: [
        programOf('supergateway', 'supergateway'),
        ...['--stdio', `mcp-server-filesystem ${folder}`],
        ...['--outputTransport', 'streamableHttp', '--stateful', '--port', String(port)],
      ],
    }),
  },
  {
    name: 'memory-mcp-proxy',
    endpoint: '/mcp',
    transport: 'http',
    tool: 'read_graph',
    call: { tool: 'read_graph', args: {}, holds: 'entities' },
    command: (port, folder) => ({
      args: [
        programOf('mcp-proxy', 'mcp-proxy'),
        ...['--port', String(port), '--host', '127.0.0.1', '--', 'mcp-server-memory'],
      ],
      env: { MEMORY_FILE_PATH: join(folder, 'memory.json') },
    }),
  },
  {
    name: 'basic-vanillajs',
    endpoint: '/mcp',
    transport: 'http',
    tool: 'get-time',
    call: { tool: 'get-time', args: {}, holds: 'T' },
    command: (port) => ({
      args: [programOf('@modelcontextprotocol/server-basic-vanillajs', 'mcp-server-basic-vanillajs')],
      env: { PORT: String(port) },
    }),
  },
]

/** Starts one in a folder of its own below `scratch`; the URL is what the gateway calls upstream. */
export async function startServer(
  { name, endpoint, host = '127.0.0.1', command }: RealServer,
  scratch: string,
): Promise<Running & { readonly url: string }> {
  const folder = join(scratch, name)
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const { args, env } = command(port, folder)
  const running = await startChild({ args, port, cwd: folder, env: { ...env, PATH: pathWithPrograms() } })
  return { ...running, url: `http://${host}:${port}${endpoint}` }
}
