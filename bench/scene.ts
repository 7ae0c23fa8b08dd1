// What every subject is measured with: one request, one reply, one resource, a folder for what a run writes.
// It deliberately knows no subject and starts nothing.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../test/support/free-port.ts'
import { createIssuer, type Issuer } from './issuer.ts'

export const ROUTE_PATH = '/notes/mcp'
export const TOKEN_COUNT = 1_000
export const CONNECTIONS = 32
/** In the folder of a scene: its tokens, one a line. */
export const TOKENS_FILE = 'tokens.txt'

/** About 110 bytes: a `tools/call` as a client sends it. */
export const REQUEST_BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_notes', arguments: { folder: 'inbox' } },
})

/** About 1 KiB: the answer to it. */
export const REPLY_BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: { content: [{ type: 'text', text: 'Buy milk and bread. '.repeat(47) }], isError: false },
})

export const REQUEST_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
}

export interface Scene {
  /** Where this run writes its files; git-ignored. */
  readonly folder: string
  readonly issuer: Issuer
  /** The port of the gateway, which is also in the audience of the tokens. */
  readonly gatewayPort: number
  readonly resource: string
  readonly tokens: readonly string[]
  /** Signed with a key that no subject knows. */
  readonly badToken: string
}

/** Starts the issuer and signs `tokenCount` tokens; `issuer.close()` ends it. */
export async function createScene(name: string, tokenCount: number, algorithm?: string): Promise<Scene> {
  const folder = join(import.meta.dirname, '..', 'build', 'bench', name)
  mkdirSync(folder, { recursive: true })
  const gatewayPort = await freePort()
  const resource = `http://127.0.0.1:${gatewayPort}${ROUTE_PATH}`
  const issuer = await createIssuer(algorithm)
  const tokens = await Promise.all(Array.from({ length: tokenCount }, (_, n) => issuer.mint(resource, n)))
  const badToken = await issuer.forge(resource, 0)
  writeFileSync(join(folder, TOKENS_FILE), `${tokens.join('\n')}\n`)
  return { folder, issuer, gatewayPort, resource, tokens, badToken }
}
