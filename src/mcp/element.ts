// Reads one JSON-RPC message of a body: its kind, id, method and parameters, by the rules of JSON-RPC 2.0 §4 and §5. It
// does not know eras, headers or targets.
import { ok, type Refusal, type Result, refuse } from '../core/refusal.ts'
import { isUnfit } from './member-names.ts'
import type { Members, Value } from './shape.ts'
import { jsonOf, type Source, textOf } from './source.ts'

export interface Element {
  readonly kind: 'request' | 'notification' | 'response'
  /** The id as raw JSON text. */
  readonly id: string | undefined
  /** The method; empty for a response. */
  readonly method: string
  readonly params: Value | undefined
  readonly meta: Value | undefined
}

export function readElement(source: Source, value: Value): Result<Element> {
  const members = value.members
  if (members === undefined) return invalidElement('a message is not an object')
  if (textOf(source, members.get('jsonrpc')) !== '2.0') return invalidElement('jsonrpc is not "2.0"') // M20
  const answers = members.has('result') || members.has('error')
  if (!members.has('method'))
    return answers ? readResponse(source, members) : invalidElement('method is missing')
  if (answers) return invalidElement('a message has both a method and a result or error') // M19
  return readRequest(source, members)
}

const NO_ID = 'id is neither a proper string nor a number of at most 40 characters and two digits of exponent'

function readRequest(source: Source, members: Members): Result<Element> {
  const method = textOf(source, members.get('method'))
  if (method === undefined || isUnfit(method)) return invalidElement('method is not a proper string') // M12, M71
  const id = members.get('id')
  if (id !== undefined && !isFitId(source, id)) return invalidElement(NO_ID) // M18, M21
  const params = members.get('params')
  if (params !== undefined && params.kind !== 'object') return badParams('params is not an object') // M11
  const meta = params?.members?.get('_meta')
  if (meta !== undefined && meta.kind !== 'object') return badParams('_meta is not an object')
  return ok({
    kind: id === undefined ? 'notification' : 'request',
    id: rawId(source, id),
    method,
    params,
    meta,
  })
}

function readResponse(source: Source, members: Members): Result<Element> {
  if (members.has('result') && members.has('error'))
    return invalidElement('a response has both result and error')
  const id = members.get('id')
  // JSON-RPC 2.0 §5: only an error may answer a message whose id could not be read.
  const unidentified = members.has('error') && (id === undefined || id.kind === 'null')
  if (!unidentified && !isFitId(source, id)) return invalidElement(NO_ID)
  return ok({ kind: 'response', id: rawId(source, id), method: '', params: undefined, meta: undefined })
}

/** MCP basic: an id is a string or a number, never null; a number is kept as its text (M21). */
export function isId(id: Value | undefined): boolean {
  return id?.kind === 'string' || id?.kind === 'number'
}

/** Longer numbers are refused: some readers take them for infinity or zero, and others refuse them (M90). */
const MAX_NUMBER_CHARACTERS = 40
const FIT_NUMBER = /^[^eE]+(?:[eE][+-]?\d\d?)?$/

/** Whether an id has one reading. Readers differ on half a character, which only an escape can write (M71). */
export function isFitId(source: Source, id: Value | undefined): boolean {
  if (id?.kind === 'number')
    return id.end - id.start <= MAX_NUMBER_CHARACTERS && FIT_NUMBER.test(jsonOf(source, id))
  return id?.kind === 'string' && !isUnfit(textOf(source, id) ?? '')
}

export function rawId(source: Source, id: Value | undefined): string | undefined {
  return id === undefined ? undefined : jsonOf(source, id)
}

export function invalidElement(detail: string): { readonly ok: false; readonly refusal: Refusal } {
  return refuse({ reason: 'message_invalid', detail })
}

export function badParams(detail: string): { readonly ok: false; readonly refusal: Refusal } {
  return refuse({ reason: 'params_invalid', detail })
}
