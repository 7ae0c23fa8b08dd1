// A small MCP client for operators: opens a server of either era and asks it. It calls no tool and answers nothing
// that a server asks. It sends what it is given as a credential to the one URL it was opened for, and nowhere else.

import type { Inventory } from '../core/manifest.ts'
import type { Era } from '../core/refusal.ts'
import { MODERN_VERSION } from '../core/revision.ts'
import { type JsonMembers, membersOf } from '../lib/json.ts'
import { type Found, found, missing } from './found.ts'
import { createProbeClient, type ProbeClient } from './http.ts'
import { type RpcAnswer, resultOf, sendRpc } from './rpc.ts'

const LEGACY_VERSION = '2025-11-25'
const CLIENT = { name: 'portcullis', version: '1' }
/** What `initialize` says of us. */
export const LEGACY_CLIENT = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo: CLIENT }

export interface ConnectOptions {
  readonly url: string
  /** Sent with every request: the credential. */
  readonly headers: Readonly<Record<string, string>>
  /** PEM of the certificate authorities to trust instead of the usual ones. */
  readonly ca?: string | undefined
  /** What carries the requests; absent: HTTP to `url`. */
  readonly http?: ProbeClient | undefined
}

export interface Client {
  readonly era: Era
  readonly server: Inventory['server']
  /** What it says of its icons (MCP 2025-11-25), not looked at. */
  readonly icons: unknown
  readonly capabilities: JsonMembers
  request(method: string, params: JsonMembers): Promise<Found<RpcAnswer>>
  /** Ends the session, when there is one. */
  close(): Promise<void>
}

/** MCP 2026-07-28 versioning: the new form first; a server that does not know it is asked the old way (ERA-05). */
export async function connect(options: ConnectOptions): Promise<Found<Client>> {
  const http = options.http ?? createProbeClient(options.ca)
  const modern = modernCaller(http, options)
  const discovered = await modern('server/discover', {})
  if (discovered.ok && discovered.value.result !== undefined) {
    return found({
      era: 'modern',
      ...describedBy(discovered.value.result),
      request: modern,
      close: () => http.close(),
    })
  }
  const refused = discovered.ok && [401, 403].includes(discovered.value.http.status)
  const client = refused || !discovered.ok ? missing('') : await initialize(http, options)
  if (client.ok) return client
  await http.close()
  if (!discovered.ok) return discovered
  if (!refused) return client
  return missing(`the server wants a credential that it was not given (${discovered.value.http.status})`)
}

type Caller = (method: string, params: JsonMembers) => Promise<Found<RpcAnswer>>

/** MCP 2026-07-28 transports: every request carries its version and capabilities, in headers and in `_meta`. */
export function modernCaller(http: ProbeClient, { url, headers }: ConnectOptions): Caller {
  let id = 0
  return (method, params) => {
    id += 1
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': CLIENT,
    }
    const own = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method }
    return sendRpc(http, { url, headers: { ...headers, ...own }, id, method, params: { ...params, _meta } })
  }
}

/** MCP 2025-11-25 lifecycle: initialize, then the session that it began. */
async function initialize(http: ProbeClient, { url, headers }: ConnectOptions): Promise<Found<Client>> {
  const answer = await sendRpc(http, { url, headers, id: 1, method: 'initialize', params: LEGACY_CLIENT })
  const result = resultOf('initialize', answer)
  if (!result.ok) return result
  if (!answer.ok) return answer
  const session = answer.value.http.headers.get('mcp-session-id')
  const version = result.value['protocolVersion']
  const own = {
    ...headers,
    'mcp-protocol-version': typeof version === 'string' ? version : LEGACY_VERSION,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  }
  await sendRpc(http, { url, headers: own, method: 'notifications/initialized' })
  let id = 1
  return found({
    era: 'legacy',
    ...describedBy(result.value),
    request(method, params) {
      id += 1
      return sendRpc(http, { url, headers: own, id, method, params })
    },
    async close() {
      if (session !== undefined) await http.ask(url, { method: 'DELETE', headers: own })
      await http.close()
    },
  })
}

/** The modern form tells the server in `_meta`, the old one in the result itself. */
export function describedBy(result: JsonMembers): Pick<Client, 'server' | 'icons' | 'capabilities'> {
  const meta = membersOf(result['_meta'])
  const info =
    membersOf(result['serverInfo']) ?? membersOf(meta?.['io.modelcontextprotocol/serverInfo']) ?? {}
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    server: { name: text(info['name']), version: text(info['version']), ...titleIn(info) },
    icons: info['icons'],
    capabilities: membersOf(result['capabilities']) ?? {},
  }
}

/** MCP 2025-06-18: what people may read. */
function titleIn({ title }: JsonMembers): Pick<Inventory['server'], 'title'> {
  return typeof title === 'string' && title.trim() !== '' ? { title } : {}
}
