// A look at the tools of an MCP server, as a client without a token sees them: first in the way of 2026-07-28, then
// with the handshake of the revisions before it. Calls nothing, and keeps no session longer than the look.

export interface ToolSeen {
  readonly name: string
  /** Its own word; proves nothing. */
  readonly readOnly: boolean
}

export type Look =
  | { readonly ok: true; readonly era: '2026-07-28' | 'handshake'; readonly tools: readonly ToolSeen[] }
  | { readonly ok: false; readonly problem: string }

export interface LookOptions {
  readonly timeoutMs: number
}

const MODERN = '2026-07-28'
const LEGACY = '2025-11-25'
const MAX_PAGES = 50
const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024
const CLIENT = { name: 'portcullis', version: '1' }

export async function lookAtTools(url: string, { timeoutMs }: LookOptions): Promise<Look> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const modern = await listTools((params) => askModern(url, params, signal))
    if (modern !== undefined) return { ok: true, era: MODERN, tools: modern }
    const session = await shakeHands(url, signal)
    if (session === undefined) return { ok: false, problem: 'it does not answer as an MCP server does' }
    const tools = await listTools((params) => session.ask('tools/list', params))
    await session.end()
    return tools === undefined
      ? { ok: false, problem: 'it does not list its tools without a token' }
      : { ok: true, era: 'handshake', tools }
  } catch (error) {
    return { ok: false, problem: reasonOf(error) }
  }
}

type Result = Readonly<Record<string, unknown>> | undefined

/** Undefined when the first page is refused. */
async function listTools(ask: (params: object) => Promise<Result>): Promise<ToolSeen[] | undefined> {
  const tools: ToolSeen[] = []
  let cursor: unknown
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await ask(cursor === undefined ? {} : { cursor })
    const listed = result?.['tools']
    if (!Array.isArray(listed)) return page === 0 ? undefined : tools
    tools.push(...listed.flatMap(readTool))
    cursor = result?.['nextCursor']
    if (typeof cursor !== 'string' || cursor === '') return tools
  }
  return tools
}

function readTool(tool: unknown): ToolSeen[] {
  if (typeof tool !== 'object' || tool === null || !('name' in tool) || typeof tool.name !== 'string')
    return []
  const annotations = 'annotations' in tool ? (tool.annotations as Result | null) : undefined
  return [{ name: tool.name, readOnly: annotations?.['readOnlyHint'] === true }]
}

/** MCP 2026-07-28 basic/transports: no handshake, everything is in the request. */
async function askModern(url: string, params: object, signal: AbortSignal): Promise<Result> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': CLIENT,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' }
  const answer = await post(url, request('tools/list', { ...params, _meta: meta }), headers, signal)
  return answer.result
}

interface Handshake {
  ask(method: string, params: object): Promise<Result>
  end(): Promise<void>
}

async function shakeHands(url: string, signal: AbortSignal): Promise<Handshake | undefined> {
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT }
  const hello = await post(url, request('initialize', params), {}, signal)
  const version = hello.result?.['protocolVersion']
  if (typeof version !== 'string') return undefined
  const headers = {
    'mcp-protocol-version': version,
    ...(hello.session === undefined ? {} : { 'mcp-session-id': hello.session }),
  }
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers, signal)
  return {
    ask: async (method, asked) => (await post(url, request(method, asked), headers, signal)).result,
    async end() {
      if (hello.session === undefined) return
      const answer = await fetch(url, { method: 'DELETE', headers, signal })
      await answer.body?.cancel()
    },
  }
}

function request(method: string, params: object): object {
  return { jsonrpc: '2.0', id: 1, method, params }
}

interface Posted {
  readonly result: Result
  readonly session: string | undefined
}

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Posted> {
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(body),
    signal,
  })
  const session = answer.headers.get('mcp-session-id') ?? undefined
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = await readUntil(answer, (read) => isStream && resultIn(read) !== undefined)
  return { result: isStream ? resultIn(text) : resultOf(text), session }
}

/** A stream may stay open after the answer, so it is left as soon as the answer is there. */
async function readUntil(answer: Response, isEnough: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (isEnough(text)) break
    if (text.length > MAX_ANSWER_CHARACTERS) throw new Error('its answer is larger than 8 MiB')
  }
  return text
}

/** The first result among whole events. */
function resultIn(stream: string): Result {
  const events = stream.split(/\r?\n\r?\n/).slice(0, -1)
  for (const event of events) {
    const data = event.split(/\r?\n/).filter((line) => line.startsWith('data:'))
    const result = resultOf(data.map((line) => line.slice(5)).join('\n'))
    if (result !== undefined) return result
  }
  return undefined
}

function resultOf(text: string): Result {
  try {
    const message: unknown = JSON.parse(text)
    if (typeof message !== 'object' || message === null || !('result' in message)) return undefined
    return typeof message.result === 'object' && message.result !== null
      ? (message.result as Result)
      : undefined
  } catch {
    return undefined // an answer that is no JSON is no result
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it does not answer in time'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? `it cannot be reached (${cause.code})` : error.message
}
