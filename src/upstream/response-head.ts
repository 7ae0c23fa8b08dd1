// Status line and header fields of an upstream's answer, and how its body is framed (RFC 9112 §4 to §6). Strict: a
// malformed line is a fault and never repaired (L31).
import { type Fields, trimSpace } from '../core/fields.ts'

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
/** Whole lines of characters that a value may have. */
const LINES = /^(?:[\t\x20-\x7e\x80-\xff]*\r\n)*[\t\x20-\x7e\x80-\xff]*$/
const MAX_KNOWN_NAMES = 50
const LENGTH = /^\d{1,15}$/
const KEEP_ALIVE = /(?:^|[\s,])timeout\s*=\s*(\d{1,9})/i

/** Names of fields as they were sent and in lower case. An upstream sends the same ones in the same order each time. */
export type KnownNames = { readonly sent: string; readonly name: string }[]

/** `text` is all before the empty line; `known` is kept between the answers of one upstream. A string says what is wrong. */
export function readHead(text: string, known: KnownNames): ResponseHead | string {
  let end = endOfLine(text, 0)
  const first = STATUS_LINE.exec(text.slice(0, end))
  if (first === null) return 'no HTTP/1 status line'
  const headers: string[] = []
  while (end < text.length) {
    const start = end + 2
    end = endOfLine(text, start)
    const colon = text.indexOf(':', start)
    const name =
      colon < 0 || colon > end ? undefined : nameOf(text.slice(start, colon), headers.length / 2, known)
    if (name === undefined) return MALFORMED
    headers.push(name, trimSpace(text.slice(colon + 1, end)))
  }
  // No folded line, space before the colon, bare CR, LF or NUL gets here (RFC 9112 §5.1, §5.2, §2.2).
  return LINES.test(text) ? { minor: Number(first[1]), status: Number(first[2]), headers } : MALFORMED
}

const MALFORMED = 'a malformed header field'

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\r\n', start)
  return end < 0 ? text.length : end
}

/** In lower case; undefined when it is no name. */
function nameOf(sent: string, position: number, known: KnownNames): string | undefined {
  const there = known[position]
  if (there?.sent === sent) return there.name
  if (!NAME.test(sent)) return undefined
  const name = sent.toLowerCase()
  if (position < MAX_KNOWN_NAMES) known[position] = { sent, name }
  return name
}

/** RFC 9112 §6.3. A string says why the end of the body is in doubt. */
export function framingOf({ minor, status, headers }: ResponseHead): Framing | string {
  const said = framingFields(headers)
  const { coding, length } = said
  const fault = coding === undefined ? lengthFault(said) : codingFault(said, minor)
  if (fault !== undefined) return fault
  const persistent = isPersistent(said.connection, minor)
  const hint = said.keepAlive === undefined ? undefined : KEEP_ALIVE.exec(said.keepAlive)?.[1]
  const keepAliveSeconds = hint === undefined ? undefined : Number(hint)
  if (status === 204 || status === 304) {
    // L30: neither has a body; nobody agrees where one that a 204 announces would end.
    const announced = coding !== undefined || (status === 204 && length !== undefined && Number(length) > 0)
    return { body: 0, persistent: persistent && !announced, keepAliveSeconds }
  }
  if (coding !== undefined) return { body: 'chunked', persistent, keepAliveSeconds }
  if (length === undefined) return { body: 'until_close', persistent: false, keepAliveSeconds }
  return { body: Number(length), persistent, keepAliveSeconds }
}

interface FramingFields {
  coding: string | undefined
  length: string | undefined
  /** Of a field that may stand once, whether it stands twice. */
  repeated: boolean
  connection: string | undefined
  keepAlive: string | undefined
}

function framingFields(headers: Fields): FramingFields {
  const said: FramingFields = {
    coding: undefined,
    length: undefined,
    repeated: false,
    connection: undefined,
    keepAlive: undefined,
  }
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string
    switch (headers[i]) {
      case 'transfer-encoding':
        said.repeated ||= said.coding !== undefined
        said.coding = value
        break
      case 'content-length':
        said.repeated ||= said.length !== undefined
        said.length = value
        break
      case 'connection':
        said.connection = said.connection === undefined ? value : `${said.connection},${value}`
        break
      case 'keep-alive':
        said.keepAlive = value
        break
    }
  }
  return said
}

function codingFault({ coding, length, repeated }: FramingFields, minor: number): string | undefined {
  if (length !== undefined) return 'both a length and a transfer coding'
  if (minor === 0) return 'a transfer coding on HTTP/1.0'
  return repeated || coding?.toLowerCase() !== 'chunked' ? 'a transfer coding other than chunked' : undefined
}

function lengthFault({ length, repeated }: FramingFields): string | undefined {
  if (length === undefined) return undefined
  return repeated || !LENGTH.test(length) ? 'not one proper Content-Length' : undefined
}

function isPersistent(connection: string | undefined, minor: number): boolean {
  if (connection === undefined) return minor === 1
  const options = connection.toLowerCase()
  return minor === 1 ? !options.includes('close') : options.includes('keep-alive')
}
