// Requests of both eras as a correct client sends them. Wrong ones are written out where they are tested.
export interface Sendable {
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** A request of a revision before 2026-07-28. */
export function legacy(method: string, params: object = {}, id: string | number = 1): Sendable {
  return {
    body: { jsonrpc: '2.0', id, method, params },
    headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
  }
}

export interface ModernOptions {
  readonly id?: string | number
  /** Value of Mcp-Name, for the methods that have one. */
  readonly name?: string
  readonly extensions?: object
}

/** A 2026-07-28 request with everything that the revision asks for. */
export function modern(method: string, params: object = {}, options: ModernOptions = {}): Sendable {
  const { id = 1, name, extensions } = options
  const capabilities = extensions === undefined ? {} : { extensions }
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  }
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } },
    headers: {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name === undefined ? {} : { 'mcp-name': name }),
    },
  }
}

/** A tools/call of either era; the caller may use the tool `safe`. */
export function callOf(era: 'legacy' | 'modern', name = 'safe', id: string | number = 1): Sendable {
  const params = { name, arguments: {} }
  return era === 'legacy' ? legacy('tools/call', params, id) : modern('tools/call', params, { id, name })
}
