// Audit lines to a program that embeds the gateway, instead of a file. What it does with them is its business; that it
// throws, rejects or never ends is counted and harms no request.
import type { MaybeAsync } from '../core/turn.ts'
import { inTime } from '../lib/in-time.ts'
import type { AuditChain } from './chain/audit-chain.ts'
import type { Sink } from './sinks.ts'

/** Where a program takes audit lines. */
export interface AuditSink {
  /**
   * One JSON object and a line break. A line counts as recorded when this returns, so with `audit.required` it throws
   * where the line is not safe yet: then the call does not go on.
   */
  write(line: string): void
  /** Called once, after the last line. */
  close?(): MaybeAsync<void>
}

/** How long a sink may take to close. */
const SINK_CLOSE_MS = 2_000
const NOTHING = new Uint8Array()

export function createProgramSink(given: AuditSink, chain?: AuditChain): Sink {
  let closing: Promise<void> | undefined
  const fail = () => {
    sink.failures += 1
  }
  const put = (line: string): boolean => {
    try {
      const written: unknown = given.write(line)
      if (written instanceof Promise) written.catch(fail)
      return true
    } catch {
      fail()
      chain?.takeBack(NOTHING)
      return false
    }
  }
  const checkpoint: Sink['checkpoint'] = (why) => {
    const line = closing === undefined ? chain?.checkpoint(why, sink.failures) : undefined
    if (line !== undefined && put(line)) chain?.written(line)
  }
  const sink: Sink = {
    failures: 0,
    dropped: { share: 0, full: 0 },
    checkpoint,
    write(line) {
      if (closing !== undefined) fail()
      else put(chain === undefined ? line : chain.add(line))
    },
    reopen() {}, // its program knows where lines go
    close() {
      checkpoint('end')
      closing ??= inTime(SINK_CLOSE_MS, closeGiven(given))
        .catch(fail)
        .then(() => chain?.close())
      return closing
    },
  }
  return sink
}

/** Asynchronous, so that what it throws is a rejection too. */
async function closeGiven(given: AuditSink): Promise<void> {
  await given.close?.()
}
