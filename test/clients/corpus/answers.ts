// What matters of an answer for a client: its status, the parameters of a challenge, the members that clients read, the
// message in an event stream. Recordings are written in this form, and replays are compared in it.
import type * as z from 'zod'
import type { Expected } from './format.ts'
import type { Variables } from './variables.ts'

type Json = z.infer<ReturnType<typeof z.json>>

export interface Came {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** Members of metadata and of token and registration answers that clients go on with. */
const READ = new Set([
  ...['resource', 'authorization_servers', 'issuer', 'authorization_endpoint', 'token_endpoint'],
  ...['scopes_supported', 'token_endpoint_auth_methods_supported', 'registration_endpoint'],
  ...['code_challenge_methods_supported', 'client_id_metadata_document_supported'],
  ...['client_id', 'redirect_uris', 'grant_types', 'token_endpoint_auth_method'],
  ...['access_token', 'token_type', 'refresh_token', 'scope', 'error'],
])

export function summarize({ status, headers, body }: Came): Expected {
  const type = headers['content-type'] ?? ''
  const challenge = headers['www-authenticate']
  const session = headers['mcp-session-id']
  return {
    status,
    ...(challenge === undefined ? {} : { challenge: parametersOf(challenge) }),
    ...(type === '' || status === 404
      ? {}
      : {
          headers: {
            'content-type': type.split(';')[0] ?? '',
            ...(session === undefined ? {} : { 'mcp-session-id': session }),
          },
        }),
    ...bodyOf(type, body),
  }
}

function bodyOf(type: string, body: string): Pick<Expected, 'json' | 'event'> {
  if (body === '') return {}
  if (type.startsWith('application/json')) return { json: essence(JSON.parse(body)) }
  const event = type.startsWith('text/event-stream') ? lastMessage(body) : undefined
  return event === undefined ? {} : { event: essence(event) }
}

/** `{ scope: 'a b', error: 'insufficient_scope' }`; words for people are left out. */
export function parametersOf(challenge: string): Record<string, string> {
  const found = [...challenge.matchAll(/(\w+)="([^"]*)"/g)].filter(([, name]) => name !== 'error_description')
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]))
}

/** The last JSON-RPC message of an event stream. */
export function lastMessage(stream: string): unknown {
  const data = stream.split('\n').filter((line) => line.startsWith('data: {'))
  const last = data.at(-1)
  return last === undefined ? undefined : JSON.parse(last.slice('data: '.length))
}

/** Of a JSON-RPC message what tells its kind, of anything else the members that clients read. */
function essence(value: unknown): Json {
  const members = (value ?? {}) as Record<string, unknown>
  const { jsonrpc, id, result, error } = members as {
    readonly jsonrpc?: string
    readonly id?: string | number
    readonly result?: Record<string, unknown>
    readonly error?: { readonly code: number }
  }
  if (jsonrpc === undefined)
    return Object.fromEntries(Object.entries(members).filter(([name]) => READ.has(name))) as Json
  if (error !== undefined) return { id: id ?? null, error: { code: error.code } }
  return { ...(id === undefined ? {} : { id }), result: essenceOfResult(result ?? {}) }
}

function essenceOfResult(result: Record<string, unknown>): Json {
  const { tools, content, protocolVersion } = result
  if (Array.isArray(tools)) return { tools: tools.map(({ name }) => ({ name: String(name) })) }
  if (content !== undefined) return { content } as Json
  return protocolVersion === undefined ? {} : { protocolVersion: String(protocolVersion) }
}

/** Takes from an answer what later requests use. */
export function learn({ status, headers, body }: Came, variables: Variables): void {
  const session = headers['mcp-session-id']
  if (session !== undefined) variables.set('session', session)
  if (status >= 300 || headers['content-type']?.startsWith('application/json') !== true || body === '') return
  const members = JSON.parse(body) as Record<string, unknown>
  for (const name of ['client_id', 'client_secret', 'access_token', 'refresh_token']) {
    const value = members[name]
    if (typeof value !== 'string') continue
    variables.set(name, value)
    if (name === 'access_token') variables.set('ended_access_token', spoiled(value))
  }
}

/** The token as it is refused when its time is over: one that no longer verifies. */
export function spoiled(token: string): string {
  return `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
}
