// Recognises what a server sends beside its answers: requests of its own, progress, log messages. One strict reading
// finds them, so that an event without results and errors costs only that reading.
import { answersOf, MAX_STRICT_BYTES, scanMessages } from './answer.ts'
import { SPAN } from './shape.ts'
import { textOf } from './source.ts'
import { UPDATED } from './subscriptions.ts'

const SHAPE = answersOf({ jsonrpc: SPAN, id: SPAN, method: SPAN, result: SPAN, error: SPAN })

/**
 * Whether every client reads the document in the same way, and finds neither an answer nor an update of a resource in
 * it.
 */
export function isServerInitiated(json: Buffer): boolean {
  const read = json.length > MAX_STRICT_BYTES ? undefined : scanMessages(json, SHAPE)
  if (read === undefined) return false
  return read.values.every(
    ({ members }) =>
      members?.has('result') === false &&
      !members.has('error') &&
      textOf(read.source, members.get('method')) !== UPDATED,
  )
}
