// Frames between a worker and its primary, for what has bytes of a caller in it: a head that is JSON, then bytes as they are.
// Who waits for whom is the business of those who send; here everything that comes is read at once.
import type { Duplex } from 'node:stream'

/** What may wait for the other side to read, until nothing new is begun. */
const MAX_UNREAD_FRAMES_BYTES = 64 * 1024 * 1024
/** Two lengths: of all that follows, and of the head in it. */
const LENGTHS_SIZE = 8

export interface FrameChannel<Sent> {
  /** Whether something new may begin: the other side reads. */
  readonly takes: boolean
  send(head: Sent, bytes?: Buffer): void
  /** Ends the channel; what came is no longer read. */
  end(): void
}

/** `bytes` may be kept. `onEnd` is called once. */
export function openFrameChannel<Sent, Received>(
  stream: Duplex,
  onFrame: (head: Received, bytes: Buffer) => void,
  onEnd: () => void,
): FrameChannel<Sent> {
  let isOpen = true
  let isCorked = false
  const close = () => {
    if (!isOpen) return
    isOpen = false
    stream.destroy()
    onEnd()
  }
  const uncork = () => {
    isCorked = false
    stream.uncork()
  }
  stream.on(
    'data',
    readFrames((head, bytes) => {
      if (isOpen) onFrame(JSON.parse(head) as Received, bytes)
    }),
  )
  stream.on('error', close).on('close', close)
  return {
    get takes() {
      return isOpen && stream.writableLength <= MAX_UNREAD_FRAMES_BYTES
    },
    send(head, bytes) {
      if (!isOpen) return
      if (!isCorked) {
        isCorked = true
        stream.cork()
        queueMicrotask(uncork) // what is sent together is written together
      }
      stream.write(beginningOf(head, bytes?.length ?? 0))
      if (bytes !== undefined && bytes.length > 0) stream.write(bytes)
    },
    end: close,
  }
}

function beginningOf(head: unknown, bytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  const lengths = Buffer.allocUnsafe(LENGTHS_SIZE)
  lengths.writeUInt32BE(text.length + bytes, 0)
  lengths.writeUInt32BE(text.length, 4)
  return Buffer.concat([lengths, text])
}

/** Looks at each byte once, and copies it at most once, however many pieces a frame comes in. */
function readFrames(onFrame: (head: string, bytes: Buffer) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = []
  let length = 0
  /** Of the frame that has begun, with its lengths. */
  let needed = LENGTHS_SIZE
  return (chunk) => {
    pieces.push(chunk)
    length += chunk.length
    while (length >= needed) {
      const all = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
      const size = LENGTHS_SIZE + all.readUInt32BE(0)
      pieces = [all]
      needed = size
      if (length < size) return
      const headEnd = LENGTHS_SIZE + all.readUInt32BE(4)
      pieces = [all.subarray(size)]
      length -= size
      needed = LENGTHS_SIZE
      onFrame(all.toString('utf8', LENGTHS_SIZE, headEnd), all.subarray(headEnd, size))
    }
  }
}
