// The MCP Inspector as a command that a person pastes, and the origins of its web page. Whoever prints the one allows
// the others, or the page cannot reach the gateway (@modelcontextprotocol/inspector 2.12.0, CLIENT_PORT).

export const INSPECTOR_ORIGINS = ['http://localhost:6274', 'http://127.0.0.1:6274'] as const

/** @param url of the protected server */
export function inspectorLine(url: string, transport: 'http' | 'sse'): string {
  return `npx @modelcontextprotocol/inspector --transport ${transport} --server-url ${url}`
}
