// An MCP server over a real socket that lists what a test says: modern or legacy, JSON or events, pages, a session.
import { sendEvents, sendJson, startUpstream, type TestUpstream } from '../support/upstream.ts'

export interface Script {
  readonly era?: 'modern' | 'legacy'
  readonly form?: 'json' | 'sse'
  readonly session?: string
  readonly server?: { readonly name: string; readonly version: string }
  readonly capabilities?: object
  /** Pages of `tools/list`; the cursor is the number of the next page. */
  readonly pages?: readonly (readonly object[])[]
  /** Instead of the number of the next page. */
  readonly cursor?: string
  /** Wanted in `authorization`. */
  readonly token?: string
}

interface Rpc {
  readonly id?: number
  readonly method: string
  readonly params?: { readonly cursor?: string }
}

export async function startScripted(script: Script): Promise<TestUpstream> {
  return await startUpstream((request, response) => {
    if (script.token !== undefined && request.headers.authorization !== `Bearer ${script.token}`) {
      return sendJson(response, 401, { error: 'unauthorized' })
    }
    if (request.method === 'DELETE') return sendJson(response, 204, undefined)
    if (request.method !== 'POST') return sendJson(response, 404, {})
    const rpc = JSON.parse(request.body.toString()) as Rpc
    if (script.session !== undefined) {
      const isLost = rpc.method !== 'initialize' && request.headers['mcp-session-id'] !== script.session
      if (isLost) return sendJson(response, 404, { error: 'session' })
      response.setHeader('mcp-session-id', script.session)
    }
    if (rpc.id === undefined) return sendJson(response, 202, undefined)
    const answer = { jsonrpc: '2.0', id: rpc.id, ...answerTo(rpc, script) }
    if (script.form !== 'sse') return sendJson(response, 'error' in answer ? 404 : 200, answer)
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } }
    sendEvents(response, [': hello\n\n', event(note), event(answer)])
  })
}

function event(message: object): string {
  return `event: message\r\ndata: ${JSON.stringify(message)}\r\n\r\n`
}

function answerTo({ method, params }: Rpc, script: Script): object {
  const known = { capabilities: script.capabilities ?? { tools: {} } }
  const serverInfo = script.server ?? { name: 'scripted', version: '3' }
  if (method === 'server/discover' && script.era === 'modern') {
    return { result: { ...known, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } } }
  }
  if (method === 'initialize' && script.era !== 'modern') {
    return { result: { protocolVersion: '2025-06-18', ...known, serverInfo } }
  }
  if (method !== 'tools/list') return { error: { code: -32601, message: 'Method not found' } }
  const pages = script.pages ?? []
  const page = Number(params?.cursor ?? 0)
  const isLast = script.cursor === undefined && page + 1 >= pages.length
  const next = script.cursor ?? String(page + 1)
  return { result: { tools: pages[page] ?? [], ...(isLast ? {} : { nextCursor: next }) } }
}
