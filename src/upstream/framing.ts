// Finds how the body of an upstream's answer is framed, and whether its connection stays open (RFC 9112 §6.3, §9.3).
import type { Fields } from '../core/fields.ts'
import type { ResponseHead } from './response-head.ts'

export interface Framing {
  /** The length in bytes, or how the end of the body is marked. */
  readonly body: number | 'chunked' | 'until_close'
  /** Whether the connection stays open after the answer (RFC 9112 §9.3). */
  readonly persistent: boolean
  readonly keepAliveSeconds: number | undefined
}

const LENGTH = /^\d{1,15}$/
const KEEP_ALIVE = /(?:^|[ \t,])timeout[ \t]*=[ \t]*(\d{1,9})/i

/** RFC 9112 §6.3. A string says why the end of the body is in doubt. */
export function framingOf({ minor, status, headers }: ResponseHead): Framing | string {
  const fields = framingFields(headers)
  const { coding, length } = fields
  const fault = coding === undefined ? lengthFault(fields) : codingFault(fields, minor)
  if (fault !== undefined) return fault
  const persistent = isPersistent(fields.connection, minor)
  const hint = fields.keepAlive === undefined ? undefined : KEEP_ALIVE.exec(fields.keepAlive)?.[1]
  const keepAliveSeconds = hint === undefined ? undefined : Number(hint)
  if (status === 204 || status === 304) {
    // L30: such an answer has no body, and readers disagree where a body that a 204 announces would end.
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
  /** Whether a field stands twice that may stand only once. */
  repeated: boolean
  connection: string | undefined
  keepAlive: string | undefined
}

function framingFields(headers: Fields): FramingFields {
  const fields: FramingFields = {
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
        fields.repeated ||= fields.coding !== undefined
        fields.coding = value
        break
      case 'content-length':
        fields.repeated ||= fields.length !== undefined
        fields.length = value
        break
      case 'connection':
        fields.connection = fields.connection === undefined ? value : `${fields.connection},${value}`
        break
      case 'keep-alive':
        fields.keepAlive = value
        break
    }
  }
  return fields
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
  if (options.includes('close')) return false // RFC 9112 §9.3: this decides, whatever else the field says
  return minor === 1 || options.includes('keep-alive')
}
