// The channel between a worker and its primary for what all workers share, beside that of orders, where messages wait for
// connections that are handed over. What is sent in one turn of the event loop is one line of JSON. Bounded: a side that
// does not read gets no more than fits.
import type { Duplex } from 'node:stream'

/** Of what waits for the other side to read. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
const NEWLINE = 0x0a

export interface StateChannel<Sent> {
  /** False when the other side has not read for so long that nothing more fits. */
  send(item: Sent): boolean
  /** Ends it, and what came is read no more. */
  end(): void
}

/** `onItems` gets what came together. `onEnd` is called once. */
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

/** Each byte is looked at once, however many pieces a line comes in. */
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
