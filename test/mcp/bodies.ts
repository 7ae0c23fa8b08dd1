// Bodies and headers for the tests of the message reader.
import type { McpHeaders } from '../../src/mcp/message.ts'

export const CLAIM =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'

export const LEGACY: McpHeaders = { version: ['2025-11-25'], method: [], name: [] }
export const NONE: McpHeaders = { version: [], method: [], name: [] }

export function modern(method: string, ...name: string[]): McpHeaders {
  return { version: ['2026-07-28'], method: [method], name }
}

/** A request of 2026-07-28; `params` is the JSON text of further members. */
export function claimed(method: string, params = ''): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}${params === '' ? '' : ','}${CLAIM}}}`
}

export function bytes(text: string): Buffer {
  return Buffer.from(text)
}
