// Messages for and from programs, one a line. The bytes that were judged are read once more by the same reader, for the
// places of what the gateway replaces: ids, progress tokens, and what some readers of lines take for an end. Judges nothing.
import type { LineMessage, LineMessages, MessageIds } from '../core/line-message.ts'
import { isId } from './element.ts'
import { REQUEST_COUNTS } from './message.ts'
import { MAX_BATCH } from './request-shape.ts'
import { type Counts, scan } from './scan.ts'
import { type Members, oneOrMany, SPAN, shapeOf, type Value } from './shape.ts'
import { jsonOf, type Source, textOf } from './source.ts'

const CANCELLED = 'notifications/cancelled'
const PROGRESS = 'notifications/progress'
const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId'

/** Other spellings, which Python's models may take for the same. Case is the scanner's business. */
const ALIASES = ['request_id', 'progress_token']

const META = shapeOf({ progressToken: SPAN, progress_token: SPAN, [SUBSCRIPTION_KEY]: SPAN })
const SHAPE = oneOrMany(
  {
    ...{ jsonrpc: SPAN, id: SPAN, method: SPAN, error: SPAN },
    params: shapeOf({
      ...{ requestId: SPAN, request_id: SPAN, progressToken: SPAN, progress_token: SPAN },
      _meta: META,
    }),
    result: shapeOf({ _meta: META }),
  },
  MAX_BATCH + 1,
)
/** Of a line of 16 MiB. */
const LINE_COUNTS: Counts = { maxValues: 8_000_000, maxNames: 2_000_000 }

export const lineMessages: LineMessages = {
  ofBody(body) {
    const document = scan(body, SHAPE, REQUEST_COUNTS)
    if (typeof document === 'string') return undefined
    const { source, root } = document
    const messages = (root.items ?? [root]).map((value) => messageAt(source, value))
    const isWhole = messages.every((message) => message !== undefined)
    return isWhole ? { isBatch: root.items !== undefined, messages } : undefined
  },
  ofLine(line) {
    const document = scan(line, SHAPE, LINE_COUNTS)
    return typeof document === 'string' ? undefined : messageAt(document.source, document.root)
  },
}

/** Where the ids stand. */
type IdPlaces = { readonly [Name in keyof MessageIds]: Value | undefined }

function messageAt(source: Source, root: Value): LineMessage | undefined {
  const { members } = root
  if (members === undefined || textOf(source, members.get('jsonrpc')) !== '2.0') return undefined
  const answers = members.has('result') || members.has('error')
  if (answers === members.has('method') || hasAlias(members)) return undefined
  const method = textOf(source, members.get('method')) ?? ''
  const kind = answers ? 'response' : members.has('id') ? 'request' : 'notification'
  const places = placesIn(members, kind, method)
  const told = (name: keyof MessageIds) => textAt(source, places[name])
  return {
    kind,
    method,
    isError: members.has('error'),
    ids: {
      id: isId(places.id) ? told('id') : undefined,
      progressToken: told('progressToken'),
      requestId: told('requestId'),
      subscriptionId: told('subscriptionId'),
    },
    line: (ids) => Buffer.from(inOneLine(replaced(source, root, places, ids)), 'latin1'),
  }
}

function hasAlias(members: Members): boolean {
  const params = members.get('params')?.members
  const meta = params?.get('_meta')?.members
  return [params, meta].some((each) => ALIASES.some((alias) => each?.has(alias)))
}

function placesIn(members: Members, kind: LineMessage['kind'], method: string): IdPlaces {
  const params = members.get('params')?.members
  const meta = params?.get('_meta')?.members
  const told = kind === 'response' ? members.get('result')?.members?.get('_meta')?.members : meta
  const asked = kind === 'request' ? meta?.get('progressToken') : undefined
  return {
    id: members.get('id'),
    progressToken: method === PROGRESS ? params?.get('progressToken') : asked,
    requestId: method === CANCELLED ? params?.get('requestId') : undefined,
    subscriptionId: kind === 'request' ? undefined : told?.get(SUBSCRIPTION_KEY),
  }
}

function textAt(source: Source, value: Value | undefined): string | undefined {
  return value && jsonOf(source, value)
}

/** In latin1, like the source. */
function replaced(
  { latin1 }: Source,
  { start, end }: Value,
  places: IdPlaces,
  ids: Partial<MessageIds>,
): string {
  const edits = (Object.keys(ids) as (keyof MessageIds)[])
    .flatMap((name) => {
      const [place, id] = [places[name], ids[name]]
      return place === undefined || id === undefined ? [] : [{ place, id }]
    })
    .sort((a, b) => a.place.start - b.place.start)
  const pieces: string[] = []
  let at = start
  for (const { place, id } of edits) {
    pieces.push(latin1.slice(at, place.start), Buffer.from(id).toString('latin1'))
    at = place.end
  }
  pieces.push(latin1.slice(at, end))
  return pieces.join('')
}

/**
 * What ends a line for Python's text streams (CR), its `splitlines` (U+0085) and Node's readline (U+2028, U+2029). JSON
 * has CR and LF between tokens only, and the others in strings only, where an escape is the same text.
 */
const LINE_ENDS = /[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]/g
const INSTEAD: Readonly<Record<string, string>> = {
  '\r': ' ',
  '\n': ' ',
  '\xc2\x85': '\\u0085',
  '\xe2\x80\xa8': '\\u2028',
  '\xe2\x80\xa9': '\\u2029',
}

/** `json` is UTF-8 with one character for each byte. */
function inOneLine(json: string): string {
  return json.replace(LINE_ENDS, (end) => INSTEAD[end] as string)
}
