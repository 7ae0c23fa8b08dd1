// The MCP servers behind the replicas, which know nothing of them, by the names of their routes.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ServerProgram } from '../../test/interop/world/contract.ts'
import { startServerProgram } from '../../test/interop/world/process.ts'
import {
  TYPESCRIPT_SERVER,
  TYPESCRIPT_SSE_SERVER,
  typescriptServerOf,
} from '../../test/interop/world/servers/typescript.ts'
import { freePort } from '../../test/support/free-port.ts'
import { startProgram } from '../program.ts'
import { NODE } from './replica.ts'

export interface Upstream {
  readonly url: string
  readonly transport: 'http' | 'sse'
  stop(): unknown
}

/** @param folder for its log */
type Start = (folder: string) => Promise<Upstream>

/** Of HTTP+SSE. */
export const SSE_REVISION = '2024-11-05'
/** Of Streamable HTTP with sessions. */
export const SESSION_REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25'] as const

export const UPSTREAMS = {
  /** With the tools of test/interop/world/README.md: 2026-07-28, and 2025-11-25 and before in sessions. */
  world: () => program(TYPESCRIPT_SERVER),
  everything: startEverything,
  /** Answers `echo` with little work of its own, for a load that is not about it. */
  light: startLight,
  /** With the same tools; each speaks its revision alone. */
  [SSE_REVISION]: () => program(TYPESCRIPT_SSE_SERVER, 'sse'),
  '2025-03-26': () => program(typescriptServerOf('2025-03-26')),
  '2025-06-18': () => program(typescriptServerOf('2025-06-18')),
  '2025-11-25': () => program(typescriptServerOf('2025-11-25')),
} satisfies Record<string, Start>

export type UpstreamName = keyof typeof UPSTREAMS

async function program(server: ServerProgram, transport: Upstream['transport'] = 'http'): Promise<Upstream> {
  const built = await server.build()
  if (typeof built === 'string') throw new Error(built)
  return { ...(await startServerProgram(server, built)), transport }
}

/** @modelcontextprotocol/server-everything 2026.8.31 on SDK 1: sessions, tasks, and messages on the GET stream. */
async function startEverything(folder: string): Promise<Upstream> {
  const main = join(
    ...[import.meta.dirname, '..', '..', 'node_modules', '@modelcontextprotocol'],
    ...['server-everything', 'dist', 'index.js'],
  )
  const port = await freePort()
  const options = { env: { PORT: String(port) }, startLimitMs: 60_000 }
  const { stop } = await startProgram(
    NODE,
    [main, 'streamableHttp'],
    port,
    join(folder, 'everything.log'),
    options,
  )
  return { url: `http://127.0.0.1:${port}/mcp`, transport: 'http', stop }
}

/** In this process. An SDK's server makes a server for each request, and shares the processors with what is looked at. */
async function startLight(): Promise<Upstream> {
  const server = createServer(async (request, response) => {
    const { id, params } = JSON.parse(await text(request)) as {
      readonly id: unknown
      readonly params: { readonly arguments: { readonly text: string } }
    }
    const result = {
      content: [{ type: 'text', text: params.arguments.text }],
      resultType: 'complete',
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
  server.keepAliveTimeout = 120_000
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}/mcp`, transport: 'http' },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
