// One protocol revision as a black box sees it: how a request of it looks, and an exchange with the gateway that
// also tells what reached the upstream. Holds no assertions.
import type { IncomingHttpHeaders } from 'node:http'
import type { TestGateway } from '../support/gateway.ts'
import { legacy, modern, type Sendable } from '../support/messages.ts'
import { openStream } from '../support/stream.ts'
import type { Received } from '../support/upstream.ts'

export interface Revision {
  readonly version: string
  /** A request of it; `name` is what it names, where the method names something. */
  request(method: string, params?: object, name?: string): Sendable
}

export const MODERN: Revision = {
  version: '2026-07-28',
  request: (method, params = {}, name) => modern(method, params, name === undefined ? {} : { name }),
}

/** Before 2025-06-18 there is no version header. */
export function legacyRevision(version: '2025-03-26' | '2025-06-18' | '2025-11-25'): Revision {
  return {
    version,
    request(method, params = {}) {
      const { body, headers } = legacy(method, params)
      const { 'mcp-protocol-version': _, ...rest } = headers
      return { body, headers: version === '2025-03-26' ? rest : { ...rest, 'mcp-protocol-version': version } }
    },
  }
}

export function toolCallOf(revision: Revision, name = 'safe'): Sendable {
  return revision.request('tools/call', { name, arguments: {} }, name)
}

export interface Exchange {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The JSON-RPC error code; undefined when there is none. */
  readonly code: number | undefined
  /** What reached the upstream meanwhile. */
  readonly seen: readonly Received[]
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Undefined: a token of scope `a`. Empty: none. */
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly path?: string
}

export async function ask(
  gateway: TestGateway,
  message: Partial<Sendable>,
  how: Ask = {},
): Promise<Exchange> {
  const { method = 'POST', authorization = `Bearer ${gateway.token()}`, headers = {}, path = '/mcp/a' } = how
  const before = gateway.upstream.received.length
  const stream = await openStream(`${gateway.origin}${path}`, {
    method,
    headers: { ...message.headers, ...(authorization === '' ? {} : { authorization }), ...headers },
    ...(message.body === undefined ? {} : { body: message.body }),
  })
  await stream.ended
  const text = stream.text()
  return {
    status: stream.status,
    headers: stream.headers,
    text,
    code: codeIn(text),
    seen: gateway.upstream.received.slice(before),
  }
}

function codeIn(text: string): number | undefined {
  if (!text.startsWith('{')) return undefined
  return (JSON.parse(text) as { error?: { code?: number } }).error?.code
}
