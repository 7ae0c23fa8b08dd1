// Whether a request is a person who opened the address in a browser: a GET without a credential that asks for HTML by
// name, and for nothing that an MCP client reads. Clients, and `*/*`, are never taken for one.
import { type Fields, trimSpace, valuesOf } from '../core/fields.ts'

/** What stands behind is not read. */
const MAX_ACCEPT_CHARS = 1_024
/** An MCP client names one of these, whatever else it names. */
const FOR_CLIENTS: ReadonlySet<string> = new Set(['text/event-stream', 'application/json'])

export function isBrowserVisit(method: string, fields: Fields): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const accepted = valuesOf(fields, 'accept').join(',').slice(0, MAX_ACCEPT_CHARS)
  if (!accepted.includes('text/html') || valuesOf(fields, 'authorization').length > 0) return false
  const ranges = accepted.split(',').map(readRange)
  return ranges.some(isHtml) && !ranges.some(({ type }) => FOR_CLIENTS.has(type))
}

interface MediaRange {
  readonly type: string
  readonly parameters: readonly string[]
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map(trimSpace)
  return { type: type.toLowerCase(), parameters }
}

/** RFC 9110 §12.4.2: a weight of 0 means "not this". */
function isHtml({ type, parameters }: MediaRange): boolean {
  return type === 'text/html' && !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/i.test(parameter))
}
