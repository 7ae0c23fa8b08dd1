// A message as an event of a `text/event-stream` answer (HTML, server-sent events).

const BEFORE = 'event: message\n'
const DATA = Buffer.from(`${BEFORE}data: `)
const AFTER = Buffer.from('\n\n')

/** `message` is JSON in one line. `id`: by which its client may come back. */
export function serverEvent(message: Buffer, id?: string): Buffer {
  const before = id === undefined ? DATA : Buffer.from(`${BEFORE}id: ${id}\ndata: `)
  return Buffer.concat([before, message, AFTER])
}
