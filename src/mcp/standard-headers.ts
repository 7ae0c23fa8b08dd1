// Checks the headers that mirror a 2026-07-28 body (T26-06 to T26-13). A server that reads the body must refuse a
// disagreement. Legacy messages are not judged by these headers. The headers are never a source of truth: policy reads
// the body (T26-16).
import { isUtf8 } from 'node:buffer'
import { trimSpace } from '../core/fields.ts'
import { ok, type Result } from '../core/refusal.ts'
import { mismatch } from './era.ts'

/** All field values as received, one entry per field line. */
export interface McpHeaders {
  readonly version: readonly string[]
  readonly method: readonly string[]
  readonly name: readonly string[]
  /** For a message over HTTP+SSE, which knew none of them; what is sent must agree all the same. */
  readonly areOptional?: boolean
}

/** The parameter that Mcp-Name mirrors, by method: SEP-2243, and for tasks SEP-2663. */
const NAME_SOURCE: ReadonlyMap<string, 'name' | 'uri' | 'taskId'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
])

/** Whether a request of this method has a name that a header may repeat. */
export function mirrorsName(method: string): boolean {
  return NAME_SOURCE.has(method)
}

/**
 * Returns the value of a header that may stand at most once (M36, M40), without the space around it (RFC 9110 §5.5).
 */
export function singleHeader(header: string, values: readonly string[]): Result<string | undefined> {
  if (values.length > 1) return mismatch(`${header} was sent more than once`)
  return ok(values[0] === undefined ? undefined : trimSpace(values[0]))
}

/**
 * `parameterOf` reads a parameter of the body. Notifications need no such headers, but must agree with those that they
 * carry.
 */
export function checkStandardHeaders(
  call: { readonly kind: 'request' | 'notification'; readonly method: string },
  headers: McpHeaders,
  parameterOf: (parameter: 'name' | 'uri' | 'taskId') => string | undefined,
): Result<undefined> {
  const required = call.kind === 'request' && headers.areOptional !== true // SSE-09
  if (required && headers.version.length === 0) return mismatch('MCP-Protocol-Version is missing') // M35
  const method = singleHeader('Mcp-Method', headers.method)
  if (!method.ok) return method
  if (required && method.value === undefined) return mismatch('Mcp-Method is missing') // T26-09
  if (method.value !== undefined && method.value !== call.method) {
    return mismatch('Mcp-Method differs from the body') // M34
  }
  const name = singleHeader('Mcp-Name', headers.name)
  if (!name.ok) return name
  const source = NAME_SOURCE.get(call.method)
  if (source === undefined) return ok(undefined)
  return checkName(name.value, parameterOf(source), required)
}

function checkName(
  header: string | undefined,
  body: string | undefined,
  required: boolean,
): Result<undefined> {
  if (header === undefined)
    return required && body !== undefined ? mismatch('Mcp-Name is missing') : ok(undefined) // T26-10
  const decoded = decodeMirrored(header)
  if (decoded === undefined) return mismatch('Mcp-Name is not correctly encoded') // T26-13
  // A parameter that is no string is undefined here; targets.ts refuses it.
  return body === undefined || decoded === body ? ok(undefined) : mismatch('Mcp-Name differs from the body') // M34, M41
}

const SENTINEL_START = '=?base64?'
const SENTINEL_END = '?='
const FIELD_TEXT = /^[\t\x20-\x7e]*$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * Returns the value that a mirrored header carries: itself, or the content of `=?base64?…?=` (SEP-2243). Returns
 * undefined when it has characters that no field may have, or the base64 is not canonical (RFC 4648 §4) or not UTF-8
 * (M39).
 */
export function decodeMirrored(value: string): string | undefined {
  if (!FIELD_TEXT.test(value)) return undefined
  const marks = SENTINEL_START.length + SENTINEL_END.length
  const marked = value.startsWith(SENTINEL_START) && value.endsWith(SENTINEL_END) && value.length >= marks
  if (!marked) return value
  const encoded = value.slice(SENTINEL_START.length, -SENTINEL_END.length)
  if (!BASE64.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  // SECURITY: Buffer skips unknown characters and accepts missing padding, which only shows when the result is encoded
  // again.
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
