// Status line and header fields of an upstream's answer, and how its body is framed (RFC 9112 §4 to §6). Strict: a
// malformed line is a fault and never repaired (L31).
import { type Fields, trimSpace, valuesOf } from '../core/fields.ts'

export interface ResponseHead {
  /** Minor version of HTTP/1: 0 or 1. */
  readonly minor: number
  readonly status: number
  /** Lower-case names. */
  readonly headers: Fields
}

export interface Framing {
  /** Length in bytes, or how the end is told. */
  readonly body: number | 'chunked' | 'until_close'
  /** Whether the connection stays open after it (RFC 9112 §9.3). */
  readonly persistent: boolean
  readonly keepAliveSeconds: number | undefined
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const LENGTH = /^\d{1,15}$/
const KEEP_ALIVE = /(?:^|[\s,])timeout\s*=\s*(\d{1,9})/i

/** `text` is all before the empty line. A string says what is wrong. */
export function readHead(text: string): ResponseHead | string {
  const lines = text.split('\r\n')
  const first = STATUS_LINE.exec(lines[0] as string)
  if (first === null) return 'no HTTP/1 status line'
  const headers: string[] = []
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i] as string
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0))
    const value = trimSpace(line.slice(colon + 1))
    // No folded lines, no space before the colon, no bare CR, LF or NUL (RFC 9112 §5.1, §5.2, §2.2).
    if (!NAME.test(name) || !VALUE.test(value)) return 'a malformed header field'
    headers.push(name.toLowerCase(), value)
  }
  return { minor: Number(first[1]), status: Number(first[2]), headers }
}

/** RFC 9112 §6.3. A string says why the end of the body is in doubt. */
export function framingOf(head: ResponseHead): Framing | string {
  const codings = valuesOf(head.headers, 'transfer-encoding')
  const lengths = valuesOf(head.headers, 'content-length')
  const fault = codings.length > 0 ? codingFault(head, codings, lengths) : lengthFault(lengths)
  if (fault !== undefined) return fault
  const length = lengths[0] === undefined ? undefined : Number(lengths[0])
  const { persistent, keepAliveSeconds } = persistenceOf(head)
  if (head.status === 204 || head.status === 304) {
    // L30: neither has a body; nobody agrees where one that a 204 announces would end.
    const announced = codings.length > 0 || (head.status === 204 && length !== undefined && length > 0)
    return { body: 0, persistent: persistent && !announced, keepAliveSeconds }
  }
  if (codings.length > 0) return { body: 'chunked', persistent, keepAliveSeconds }
  if (length === undefined) return { body: 'until_close', persistent: false, keepAliveSeconds }
  return { body: length, persistent, keepAliveSeconds }
}

function codingFault(
  { minor }: ResponseHead,
  codings: readonly string[],
  lengths: readonly string[],
): string | undefined {
  if (lengths.length > 0) return 'both a length and a transfer coding'
  if (minor === 0) return 'a transfer coding on HTTP/1.0'
  return codings.length === 1 && codings[0]?.toLowerCase() === 'chunked'
    ? undefined
    : 'a transfer coding other than chunked'
}

function lengthFault(lengths: readonly string[]): string | undefined {
  const [length] = lengths
  if (length === undefined) return undefined
  return lengths.length === 1 && LENGTH.test(length) ? undefined : 'not one proper Content-Length'
}

function persistenceOf({ minor, headers }: ResponseHead): Omit<Framing, 'body'> {
  const connection = valuesOf(headers, 'connection').join(',').toLowerCase()
  const persistent = minor === 1 ? !connection.includes('close') : connection.includes('keep-alive')
  const hint = KEEP_ALIVE.exec(valuesOf(headers, 'keep-alive').join(','))?.[1]
  return { persistent, keepAliveSeconds: hint === undefined ? undefined : Number(hint) }
}
