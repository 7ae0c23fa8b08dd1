// A client of a route whose server is a program, as plain HTTP: each message is what a test says, byte for byte.
import { join } from 'node:path'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../gateway.ts'

/** The server that does what a test asks. */
export const PLAIN = join(import.meta.dirname, 'plain.mjs')

export const OPEN_POLICY = '\n      default: allow'

/** A gateway in front of the plain program. `keys`: more keys of `upstream`. */
export function startPrograms(keys = '', options: TestGatewayOptions = {}): Promise<TestGateway> {
  const program = `command: ["${process.execPath}", "${PLAIN}"], ${keys}`
  return startTestGateway({ program, policy: OPEN_POLICY, ...options })
}

export interface PlainSession {
  readonly id: string
  /** POSTs a message, or text, in the session. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** The text that a tool answers. */
  call(name: string, args?: object, id?: unknown): Promise<string>
  listen(headers?: Readonly<Record<string, string>>): Promise<Response>
  /** What names the session and its caller. */
  readonly headers: Readonly<Record<string, string>>
  end(): Promise<Response>
}

const CLIENT = { clientInfo: { name: 'test', version: '1' } }

export interface SessionOptions {
  readonly capabilities?: object
  /** Of MCP. */
  readonly revision?: string
}

/** What a session needs of a gateway, in this process or in another. */
export type ProgramRoute = Pick<TestGateway, 'resource' | 'token' | 'post'>

/** Begins a session; `subject` is who calls. */
export async function beginSession(
  gateway: ProgramRoute,
  subject = 'user-1',
  { capabilities = { sampling: {} }, revision = '2025-11-25' }: SessionOptions = {},
): Promise<PlainSession> {
  const authorization = `Bearer ${gateway.token('a', { sub: subject })}`
  const params = { ...CLIENT, protocolVersion: revision, capabilities }
  const begun = await gateway.post(
    { jsonrpc: '2.0', id: 'i', method: 'initialize', params },
    { authorization },
  )
  const id = begun.headers.get('mcp-session-id')
  if (id === null) throw new Error(`no session: ${begun.status} ${await begun.text()}`)
  await begun.text()
  const headers = { authorization, 'mcp-session-id': id, 'mcp-protocol-version': revision }
  const post: PlainSession['post'] = (body, more = {}) => gateway.post(body, { ...headers, ...more })
  await post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  const bare = (method: string, more: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.resource, { method, headers: { ...headers, ...more, accept: 'text/event-stream' } })
  return {
    ...{ id, post, headers },
    call: async (name, args = {}, callId = 1) => textOf(await post(toolMessage(name, args, callId))),
    listen: (more) => bare('GET', more),
    end: () => bare('DELETE'),
  }
}

export function toolMessage(name: string, args: object = {}, id: unknown = 1, meta?: object): object {
  const params = { name, arguments: args, ...(meta && { _meta: meta }) }
  return { jsonrpc: '2.0', id, method: 'tools/call', params }
}

/** The text of a tool's result, whether it comes as JSON or as the last event; else the whole answer. */
export async function textOf(response: Response): Promise<string> {
  const body = await response.text()
  const last = messagesIn(body).at(-1) as { result?: { content?: { text: string }[] } } | undefined
  return last?.result?.content?.[0]?.text ?? `${response.status} ${body}`
}

/** Of a JSON body, or of the events of a stream. */
export function messagesIn(body: string): readonly Record<string, unknown>[] {
  if (body.startsWith('{')) return [JSON.parse(body)]
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))
}

/** Whether a process is there. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
