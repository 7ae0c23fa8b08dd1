// Writes audit lines: at once, so that a call may wait for its record, or in the background.
import { writeSync } from 'node:fs'
import pino from 'pino'
import type { Shortage } from '../core/shares.ts'
import { createWaitingLines } from './waiting-lines.ts'

const BUFFER_BYTES = 32_768
/** How long a line may wait to be written. */
const FLUSH_MS = 1_000
const CLOSE_MS = 2_000

export interface Sink {
  /** `owner`: whose line it is, where lines have to be dropped. */
  write(line: string, owner: () => string): void
  close(): Promise<void>
  failures: number
  /**
   * Lines that found no room to wait: `share` counts those of callers over their share, `full` those of anybody when
   * all room was taken.
   */
  readonly dropped: Readonly<Record<Shortage, number>>
}

/**
 * Each line is on its way to the disk before the call goes on. A disk may take a part of one before it is full (F06):
 * that is no record, and the next line begins on a new line.
 */
export function synchronousSink(fd: number): Sink {
  let isTorn = false
  const sink: Sink = {
    failures: 0,
    dropped: { share: 0, full: 0 },
    write(line) {
      const bytes = Buffer.from(isTorn ? `\n${line}` : line)
      let written = 0
      try {
        while (written < bytes.length) written += writeSync(fd, bytes, written)
      } catch {
        sink.failures += 1
      }
      if (written > 0) isTorn = bytes[written - 1] !== NEWLINE
    },
    close: () => Promise.resolve(),
  }
  return sink
}

const NEWLINE = 0x0a

/**
 * Lines are gathered and written in the background; a broken pipe or a full disk is counted, not thrown (F06). They
 * are gathered here, because SonicBoom makes one text of all that waits for each line that is added, and it gets the
 * next when it has written the last, because it does not know whose they are.
 */
export function bufferedSink(fd: number, sharePerCaller: number): Sink {
  const destination = pino.destination({ dest: fd, sync: false })
  const waiting = createWaitingLines(sharePerCaller)
  const dropped = { share: 0, full: 0 }
  let state: 'idle' | 'writing' | 'failed' = 'idle'
  let closed = false
  const flush = () => {
    if (state === 'writing' || (state === 'idle' && waiting.bytes === 0)) return
    const text = state === 'failed' ? '' : waiting.take() // after a failure it writes what it has again
    state = 'writing'
    destination.write(text)
  }
  const timer = setInterval(flush, FLUSH_MS).unref()
  const sink: Sink = {
    failures: 0,
    dropped,
    write(line, owner) {
      const shortage = closed ? 'full' : waiting.add(line, owner)
      if (shortage !== undefined) {
        sink.failures += 1
        dropped[shortage] += 1
      } else if (waiting.bytes >= BUFFER_BYTES && state === 'idle') flush()
    },
    close() {
      if (closed) return Promise.resolve()
      closed = true
      clearInterval(timer)
      while (waiting.bytes > 0) destination.write(waiting.take())
      return endOf(destination)
    },
  }
  destination
    .on('drain', () => {
      state = 'idle'
      if (waiting.bytes >= BUFFER_BYTES) flush()
    })
    .on('error', () => {
      state = 'failed'
      sink.failures += 1
    })
  return sink
}

/** F06, F17: a disk that is full or does not answer must not keep the process from ending. */
function endOf(destination: ReturnType<typeof pino.destination>): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, CLOSE_MS)
    const done = () => {
      clearTimeout(patience)
      resolve()
    }
    destination.once('close', done).once('error', done)
    destination.end()
  })
}
