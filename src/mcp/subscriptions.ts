// Narrows a subscription to several resources: the request loses those that its caller may not read, and the stream
// loses updates of others. It decides nothing: it asks.
import { answersOf, scanMessages, withoutMark } from './answer.ts'
import { applyEdits, cutsOf } from './cut-items.ts'
import { readEnvelopes } from './envelope-reader.ts'
import { REQUEST_COUNTS } from './message.ts'
import { REQUEST_SHAPE } from './request-shape.ts'
import { scan } from './scan.ts'
import { SPAN, shapeOf, type Value } from './shape.ts'
import { type Source, textOf } from './source.ts'

/**
 * Returns the body of a `subscriptions/listen`, which was read already, with only the URIs that are kept; every other
 * byte is the same.
 */
export function withoutSubscriptions(body: Buffer, keeps: (uri: string) => boolean): Buffer {
  const document = scan(body, REQUEST_SHAPE, REQUEST_COUNTS)
  if (typeof document === 'string') throw new Error('a body that was read is no message')
  const { source, root } = document
  const notifications = root.members?.get('params')?.members?.get('notifications')
  const list = notifications?.members?.get('resourceSubscriptions')
  if (list === undefined) throw new Error('a subscription without its list')
  const cuts = cutsOf(list, (item) => keeps(textOf(source, item) ?? ''))
  return Buffer.from(applyEdits(source, cuts), 'latin1')
}

export const UPDATED = 'notifications/resources/updated'
const SHAPE = answersOf({ method: SPAN, params: shapeOf({ uri: SPAN }) })

/**
 * Returns the document without the updates of resources that `shows` does not let through. Returns undefined when
 * nothing is left, or when it could be read in different ways. `text` holds the same bytes as latin1.
 */
export function withoutUpdates(
  bytes: Buffer,
  text: string,
  shows: (uri: string) => boolean,
): Buffer | undefined {
  if (!mayHoldUpdate(bytes, text)) return bytes
  const read = scanMessages(withoutMark(bytes), SHAPE)
  if (read === undefined) return undefined
  const { source, root, values } = read
  const passes = (message: Value) => isShown(source, message, shows)
  const kept = values.filter(passes)
  if (kept.length === values.length) return bytes
  return kept.length === 0 ? undefined : Buffer.from(applyEdits(source, cutsOf(root, passes)), 'latin1')
}

/** Some clients accept the name in any case. */
const HAS_METHOD = /"method"/i

/**
 * Whether a document may hold an update; most answers lack even the words. An escape may spell the name, the method, or
 * a slash.
 */
function mayHoldUpdate(bytes: Buffer, text: string): boolean {
  const hasWords = text.includes('updated') && HAS_METHOD.test(text)
  if (!hasWords && !text.includes('\\u00')) return false
  return readEnvelopes(bytes)?.some(({ methodName }) => methodName === UPDATED) ?? true
}

function isShown(source: Source, { members }: Value, shows: (uri: string) => boolean): boolean {
  if (textOf(source, members?.get('method')) !== UPDATED) return true
  const uri = textOf(source, members?.get('params')?.members?.get('uri'))
  return uri !== undefined && shows(uri)
}
