// Strict JSON for what decides trust: token headers and payloads, metadata, JWKS, introspection answers. Anything that
// two parsers could read differently is refused, since an attacker would show each its own reading. Not for MCP bodies,
// which mcp/ reads.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** Objects have a null prototype, so that `__proto__` and `constructor` are names like any other (J11, J36). */
export type JsonObject = { readonly [name: string]: Json }

const MAX_DEPTH = 32
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const QUOTE = 0x22
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/gs

/** Undefined for anything but one JSON object in UTF-8: BOM (J46), repeated names (J34), trailing bytes (I06)… */
export function readJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = utf8.decode(bytes)
    const value = JSON.parse(text) as Json
    if (!isJsonObject(value)) return undefined
    const members = strip(value)
    const isUnambiguous = text.includes('\\') ? hasUniqueNames(text) : colonsIn(text) === members
    return isUnambiguous ? value : undefined
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
 * RFC 8259 §4: names are unique, at every depth. In a text without an escape a name has one spelling, so there are as many
 * members as colons outside strings, and JSON.parse gave fewer when a name came twice. NaN when it is nested too deep.
 */
function colonsIn(text: string): number {
  let colons = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = text.indexOf('"', at + 1)
    else if (unit === COLON) colons += 1
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) depth += 1
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth -= 1
    if (depth > MAX_DEPTH) return Number.NaN
  }
  return colons
}

/**
 * Whether the names of each object are unique, in a text with escapes that JSON.parse accepted. In any other text, a
 * quote without an end would make TOKEN search the rest again and again.
 */
function hasUniqueNames(text: string): boolean {
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

/**
 * Takes the prototypes from what JSON.parse made, and gives how many members are in it, at every depth. In place: a copy
 * with a null prototype is a hash table, twice as large, and verdicts keep it.
 */
function strip(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += strip(item)
    return members
  }
  Object.setPrototypeOf(value, null)
  const object = value as JsonObject
  for (const name of Object.keys(object)) members += 1 + strip(object[name] as Json)
  return members
}
