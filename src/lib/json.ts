// JSON as JSON.parse reads it, of files and servers that are only looked at. What decides trust is read by strict-json.ts,
// and bodies of MCP by mcp/scan.ts.

/** The members of a JSON object. */
export type JsonMembers = Readonly<Record<string, unknown>>

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether it is what JSON calls an object: no list, and not null. */
export function hasMembers(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined for what is no object. */
export function membersOf(value: unknown): JsonMembers | undefined {
  return hasMembers(value) ? value : undefined
}
