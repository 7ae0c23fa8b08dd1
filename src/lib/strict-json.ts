// Strict JSON for what decides trust: token headers and payloads, metadata, JWKS, introspection answers. Anything that
// two parsers could read differently is refused, since an attacker would show each its own reading. Not for MCP bodies,
// which mcp/ reads.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** Objects have a null prototype, so that `__proto__` and `constructor` are names like any other (J11, J36). */
export type JsonObject = { readonly [name: string]: Json }

const MAX_DEPTH = 32
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs

/** Undefined for anything but one JSON object in UTF-8: BOM (J46), repeated names (J34), trailing bytes (I06)… */
export function readJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = utf8.decode(bytes)
    const value = JSON.parse(text) as Json
    return isJsonObject(value) && isUnambiguous(text) ? (bare(value) as JsonObject) : undefined
  } catch {
    return undefined
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object of these members; those of undefined are left out. */
export function jsonObject(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const copy = Object.create(null) as { [name: string]: Json }
  for (const [name, member] of Object.entries(members)) if (member !== undefined) copy[name] = member
  return copy
}

/**
 * RFC 8259 §4: names are unique, at every depth. For text that JSON.parse took: on any other, a quote without an end
 * makes TOKEN search the rest again and again.
 */
function isUnambiguous(text: string): boolean {
  const open: Set<string>[] = []
  let last: string | undefined = ''
  for (const [token] of text.matchAll(TOKEN)) {
    last = step(token, open, last)
    if (last === undefined) return false
  }
  return true
}

/** Takes one token in; gives the last string seen, which a colon makes a name; undefined ends the reading. */
function step(token: string, open: Set<string>[], last: string): string | undefined {
  switch (token) {
    case '{':
    case '[':
      return open.push(new Set()) > MAX_DEPTH ? undefined : last
    case '}':
    case ']':
      open.pop()
      return last
    case ':':
      return isNew(last, open.at(-1)) ? last : undefined
    default: {
      const text = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1)
      return text.isWellFormed() ? text : undefined // J46: a lone surrogate has no UTF-8 form
    }
  }
}

function isNew(name: string, names: Set<string> | undefined): boolean {
  if (names === undefined || names.has(name)) return false
  names.add(name)
  return true
}

function bare(value: Json): Json {
  if (Array.isArray(value)) return value.map(bare)
  if (!isJsonObject(value)) return value
  const copy = Object.create(null) as { [name: string]: Json }
  for (const [name, member] of Object.entries(value)) copy[name] = bare(member)
  return copy
}
