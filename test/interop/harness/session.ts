// One connected official client behind three verbs, so that a test can be written once for every generation of
// the SDK and both transports. It adds a static bearer token and knows nothing of OAuth.
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

export const CLIENT_KINDS = ['client 1.x', 'client 2.x'] as const
export type ClientKind = (typeof CLIENT_KINDS)[number] | 'client 1.x over SSE'

export interface Session {
  /** Names in the server's order. */
  tools(): Promise<string[]>
  /** The text parts of the answer, joined. */
  call(tool: string, args: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

/** Without a token the client sends none. */
export function openSession(kind: ClientKind, url: string, token?: string): Promise<Session> {
  const requestInit: RequestInit =
    token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }
  if (kind === 'client 2.x') return openV2(new URL(url), requestInit)
  const sse = kind === 'client 1.x over SSE'
  return openV1(
    sse ? new SSEClientTransport(new URL(url), { requestInit }) : new HttpV1(new URL(url), { requestInit }),
  )
}

export interface ProgramOptions {
  /** Beside PATH. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Gets what it prints on stderr. */
  readonly onLine?: (line: string) => void
}

/** A program that speaks MCP on its standard streams. */
export function openProgram(
  [command, ...args]: readonly [string, ...string[]],
  { env, cwd, onLine }: ProgramOptions,
): Promise<Session> {
  const transport = new StdioClientTransport({
    ...{ command, args, ...(cwd !== undefined && { cwd }) },
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stderr: 'pipe',
  })
  let rest = ''
  transport.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine?.(line)
  })
  return openV1(transport)
}

async function openV1(transport: HttpV1 | SSEClientTransport | StdioClientTransport): Promise<Session> {
  const client = new ClientV1({ name: 'interop', version: '1' })
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  }
}

async function openV2(url: URL, requestInit: RequestInit): Promise<Session> {
  const client = new ClientV2({ name: 'interop', version: '2' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new HttpV2(url, { requestInit }))
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  }
}

function textOf(result: { readonly [key: string]: unknown }): string {
  const content = Array.isArray(result['content']) ? result['content'] : []
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
