// Resource servers that the published mcp-auth protects: the package for Node in this process, the one for Python as a
// program. Each says who called.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buildForeign, type Recipe } from '../../upstreams/foreign.ts'

// Not imported: the types of the project must check where these packages are not installed.
const load = createRequire(import.meta.url)
const FOLDER = join(import.meta.dirname, '../mcp-auth')

export interface Protected {
  readonly url: string
  close(): void
}

export interface ProtectedOptions {
  readonly issuer: string
  /** What a token must name. */
  readonly resource: string
  readonly scope: string
  /** A free one if absent. */
  readonly port?: number
}

/** mcp-auth 0.2.0 (npm) */
export async function protectWithNode({
  issuer,
  resource,
  scope,
  port,
}: ProtectedOptions): Promise<Protected> {
  const express = load('express')
  const { MCPAuth } = load('mcp-auth')
  const metadata = {
    resource,
    authorizationServers: [{ issuer, type: 'oauth' }],
    scopesSupported: [scope],
  }
  const auth = new MCPAuth({ protectedResources: { metadata } })
  const app = express()
  app.use(auth.protectedResourceMetadataRouter())
  app.use(auth.bearerAuth('jwt', { resource, audience: resource, requiredScopes: [scope] }))
  app.use('/mcp', express.json(), ({ auth: called, body }: Request, response: Response) => {
    const who = { sub: called.subject, client: called.clientId, scopes: called.scopes }
    // A call is answered as a tool answers, so that it may stand behind the gateway.
    const result = { content: [], structuredContent: who }
    response.json(body?.id === undefined ? who : { jsonrpc: '2.0', id: body.id, result })
  })
  const listener: Server = app.listen(port ?? 0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`,
    close: () => {
      listener.closeAllConnections()
      listener.close()
    },
  }
}

interface Request {
  readonly auth: { readonly subject: string; readonly clientId: string; readonly scopes: readonly string[] }
  readonly body?: { readonly id?: number }
}

interface Response {
  json(value: object): void
}

/** mcpauth 0.1.1 (PyPI) */
const MCPAUTH: Recipe = {
  name: 'mcpauth',
  sources: ['../interop/mcp-auth/requirements.txt'],
  build: async (folder, run) => {
    await run('python3', ['-m', 'venv', '--clear', join(folder, 'venv')])
    await run(join(folder, 'venv/bin/pip'), ['install', '-q', '-r', join(FOLDER, 'requirements.txt')])
  },
  start: (folder) => [join(folder, 'venv/bin/python'), join(FOLDER, 'server.py')],
}

/** The server, or why there is none. */
export async function protectWithPython(options: ProtectedOptions): Promise<Protected | string> {
  const built = await buildForeign(MCPAUTH)
  if (typeof built === 'string') return built
  const [command, ...args] = built.program
  const child = spawn(command, [...args, options.issuer, options.resource, options.scope], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data')
  return { url: `http://127.0.0.1:${String(port).trim()}/mcp`, close: () => void child.kill('SIGKILL') }
}
