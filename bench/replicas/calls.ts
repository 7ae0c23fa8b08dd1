// Calls as clients of both eras send them, and what each came to.
import { legacy, modern, type Sendable } from '../../test/support/messages.ts'
import { type Answered, type Cut, messageOf, send } from './wire.ts'

/** A call of `echo` without a session, of 2026-07-28. */
export function echo(text: string): Sendable {
  return modern('tools/call', { name: 'echo', arguments: { text } }, { name: 'echo' })
}

/** The first text of a result; undefined where there is none. */
export function textOf(answer: Answered | Cut): string | undefined {
  const { result } = messageOf(answer.text) as { result?: { content?: readonly { text?: string }[] } }
  return result?.content?.[0]?.text
}

export interface Place {
  readonly url: string
  /** Of the balancer or of one replica. */
  readonly port: number
  readonly token: string
}

export function call({ url, port, token }: Place, { body, headers }: Sendable, more = {}) {
  return send(url, port, { body, headers: { authorization: `Bearer ${token}`, ...headers, ...more } })
}

/** Begins a session of a revision before 2026-07-28; the headers of everything in it. Throws where it is refused. */
export async function beginSession(
  place: Place,
  version = '2025-11-25',
  capabilities: object = {},
): Promise<Readonly<Record<string, string>>> {
  const clientInfo = { name: 'replicas', version: '1' }
  const { body } = legacy('initialize', { protocolVersion: version, capabilities, clientInfo })
  const accept = 'application/json, text/event-stream'
  const answer = await call(place, { body, headers: { accept } })
  const session = answer.headers['mcp-session-id']
  if (answer.status !== 200 || typeof session !== 'string')
    throw new Error(`initialize: ${answer.status} ${answer.text}`)
  const headers = { accept, 'mcp-session-id': session, 'mcp-protocol-version': version }
  const told = await call(place, { body: { jsonrpc: '2.0', method: 'notifications/initialized' }, headers })
  if (told.status !== 202) throw new Error(`initialized: ${told.status} ${told.text}`)
  return headers
}
