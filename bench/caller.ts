// One MCP call at a time over kept connections, for the benchmarks that count failures instead of time.
// It uses node:http, so that each failure of a connection is seen and none is tried again behind our back.
import { Agent, type IncomingMessage, request } from 'node:http'
import { REQUEST_HEADERS } from './scene.ts'

const CALL_LIMIT_MS = 10_000

export interface Caller {
  /** Calls a tool and resolves to the status once the whole answer is read, or to the error's message. */
  callTool(tool: string, token: string): Promise<number | string>
  /** Calls a tool and resolves to the answer as soon as its head is there. */
  openTool(tool: string, token: string): Promise<IncomingMessage>
  close(): void
}

/** @param localAddress whom the gateway sees */
export function createCaller(url: string, localAddress?: string): Caller {
  const agent = new Agent({ keepAlive: true, ...(localAddress !== undefined && { localAddress }) })
  const openTool = (tool: string, token: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { ...REQUEST_HEADERS, authorization: `Bearer ${token}` }
      const outgoing = request(url, { method: 'POST', agent, headers, timeout: CALL_LIMIT_MS })
      outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')))
      outgoing.once('error', reject)
      outgoing.once('response', resolve)
      outgoing.end(toolCall(tool))
    })
  return {
    openTool,
    callTool: async (tool, token) => {
      try {
        const response = await openTool(tool, token)
        for await (const chunk of response) if (chunk.length === 0) break
        return response.statusCode ?? 0
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
    close: () => agent.destroy(),
  }
}

function toolCall(tool: string): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: tool, arguments: {} },
  })
}
