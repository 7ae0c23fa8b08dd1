// The channel between a worker and its primary for the state that all workers share. The channel of orders is separate,
// since there messages wait behind connections that are handed over. Everything that is sent in one turn of the event
// loop is one line of JSON. It is bounded: a side that does not read gets no more than fits.
import type { Duplex } from 'node:stream'

/** How many bytes may wait for the other side to read. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
const NEWLINE = 0x0a

export interface StateChannel<Sent> {
  /** Returns false when the other side has not read for so long that nothing more fits. */
  send(item: Sent): boolean
  /** Ends the channel; bytes that came are no longer read. */
  end(): void
}

/** `onItems` gets all items that came together. `onEnd` is called once. */
export function openStateChannel<Sent, Received>(
  stream: Duplex,
  onItems: (items: readonly Received[]) => void,
  onEnd: () => void,
): StateChannel<Sent> {
  let batch: Sent[] = []
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    stream.destroy()
    onEnd()
  }
  const flush = () => {
    const items = batch
    batch = []
    if (isOpen) stream.write(`${JSON.stringify(items)}\n`)
  }
  stream.on(
    'data',
    readLines((line) => onItems(JSON.parse(line) as readonly Received[])),
  )
  stream.on('error', close).on('close', close)
  return {
    send(item) {
      if (!isOpen || stream.writableLength > MAX_WAITING_BYTES) return false
      if (batch.push(item) === 1) setImmediate(flush)
      return true
    },
    end: close,
  }
}

/** Splits lines. It looks at each byte once, however many pieces a line comes in. */
function readLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let begun: Buffer[] = []
  return (chunk) => {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const last = chunk.subarray(from, end)
      const line = begun.length === 0 ? last : Buffer.concat([...begun, last])
      begun = []
      from = end + 1
      onLine(line.toString())
    }
    if (from < chunk.length) begun.push(chunk.subarray(from))
  }
}
