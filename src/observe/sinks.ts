// Writes audit lines: at once, so that a call may wait for its record, or in the background.
import { closeSync, fdatasyncSync, fstatSync, writeSync } from 'node:fs'
import pino from 'pino'
import type { Shortage } from '../core/shares.ts'
import type { AuditChain } from './chain/audit-chain.ts'
import { type ChainedWrites, createChainedWrites } from './chain/chained-writes.ts'
import type { CheckpointCause } from './chain/checkpoint.ts'
import { createWaitingLines, MAX_WAITING_BYTES } from './waiting-lines.ts'

const BUFFER_BYTES = 32_768
/** How long a line may wait to be written. */
const FLUSH_MS = 1_000
const CLOSE_MS = 2_000
export const STDOUT_FD = 1
/** Opens the file by its name. */
type Open = () => number

export interface Sink {
  /** `owner`: whose line it is, where lines have to be dropped. */
  write(line: string, owner: () => string): void
  /** Goes on in the file that now has the name. Throws, and goes on in the old one, where it cannot be opened. */
  reopen(): void
  /** Vouches for all lines that were written so far; nothing where lines are no chain. */
  checkpoint(why: CheckpointCause): void
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
export function synchronousSink(open: Open, chain?: AuditChain): Sink {
  let fd = open()
  let isTorn = false
  const put = (text: string): boolean => {
    const bytes = Buffer.from(text)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written)
    } catch {
      sink.failures += 1
      chain?.takeBack(bytes.subarray(0, written))
    }
    if (written > 0) isTorn = bytes[written - 1] !== NEWLINE
    return written === bytes.length
  }
  const checkpoint = (why: CheckpointCause) => {
    const line = chain?.checkpoint(why, sink.failures)
    if (line === undefined || !put(line)) return
    if (why !== 'rotation') chain?.written(line, fd)
    else if (isOnDisk(fd)) chain?.written(line) // the file is closed next
  }
  const sink: Sink = {
    failures: 0,
    dropped: { share: 0, full: 0 },
    checkpoint,
    write(line) {
      if (chain !== undefined) put(chain.add(line))
      else put(isTorn ? `\n${line}` : line)
    },
    reopen() {
      if (fd === STDOUT_FD) return
      const [old, fresh] = [fd, open()]
      if (chain !== undefined && isSameFile(old, fresh)) {
        closeSync(fresh)
        return checkpoint('interval')
      }
      checkpoint('rotation')
      chain?.moveTo(fresh)
      fd = fresh
      isTorn = false
      closeSync(old)
    },
    async close() {
      checkpoint('end')
      await chain?.close()
    },
  }
  return sink
}

const NEWLINE = 0x0a

/**
 * Lines are gathered and written in the background; a broken pipe or a full disk is counted, not thrown (F06). They
 * are gathered here, because SonicBoom makes one text of all that waits for each line that is added, and it gets the
 * next when it has written the last, because it does not know whose they are.
 */
export function bufferedSink(open: Open, sharePerCaller: number, chain?: AuditChain): Sink {
  const waiting = createWaitingLines(sharePerCaller, MAX_WAITING_BYTES)
  const chained = chain && createChainedWrites(chain)
  const dropped = { share: 0, full: 0 }
  let state: 'idle' | 'writing' | 'failed' = 'idle'
  let closed = false
  const connect = (dest: number) => {
    const made = pino.destination({ dest, sync: false })
    made
      .on('drain', () => {
        if (made !== destination) return
        state = 'idle'
        chained?.written(fd)
        if (waiting.bytes >= BUFFER_BYTES) flush()
      })
      .on('error', () => {
        sink.failures += 1
        if (made === destination) state = 'failed'
        else made.destroy() // a file that was left, and cannot take its last lines
      })
    return made
  }
  const take = () => textOf(waiting.take(), sink.failures, chained)
  const flush = () => {
    if (state === 'writing' || (state === 'idle' && waiting.bytes === 0 && chained?.isDue !== true)) return
    const text = state === 'failed' ? '' : take() // after a failure it writes what it has again
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
    checkpoint(why) {
      chained?.demand(why)
      flush()
    },
    reopen() {
      if (closed || fd === STDOUT_FD) return
      const fresh = open()
      if (chain !== undefined && isSameFile(fd, fresh)) {
        closeSync(fresh)
        return sink.checkpoint('interval')
      }
      const old = destination
      chained?.leave(old, 'rotation', sink.failures)
      chained?.moveTo(fresh)
      fd = fresh
      destination = connect(fd)
      state = 'idle'
      old.end() // what it has goes to the file that it began in
    },
    async close() {
      if (closed) return
      closed = true
      clearInterval(timer)
      while (waiting.bytes > 0) destination.write(take())
      chained?.leave(destination, 'end', sink.failures)
      await endOf(destination)
      await chain?.close()
    },
  }
  let fd = open()
  let destination = connect(fd)
  return sink
}

function textOf(lines: readonly string[], lost: number, chained: ChainedWrites | undefined): string {
  return chained === undefined ? lines.join('') : chained.textOf(lines, lost)
}

function isOnDisk(fd: number): boolean {
  try {
    fdatasyncSync(fd)
    return true
  } catch {
    return false
  }
}

function isSameFile(one: number, other: number): boolean {
  const [a, b] = [fstatSync(one), fstatSync(other)]
  return a.ino === b.ino && a.dev === b.dev
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
