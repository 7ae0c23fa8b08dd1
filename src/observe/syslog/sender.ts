// Sends syslog frames to a receiver. While it is away they wait, up to a bound and a share for each caller; then they are
// dropped and counted. Syslog has no acknowledgement: what was sent shortly before a connection ended is sent once more, since
// the receiver may not have read it.
import { inTime } from '../../lib/in-time.ts'
import type { EventSender } from '../event-sender.ts'
import type { Logger } from '../log.ts'
import { createReceiverLines } from '../receiver-lines.ts'
import { createWaitingLines } from '../waiting-lines.ts'
import { createSyslogConnection, type SyslogTarget } from './connection.ts'
import { createRecentFrames } from './recent-frames.ts'

export interface SyslogSenderOptions {
  readonly target: SyslogTarget
  /** How many bytes may wait. */
  readonly spoolBytes: number
  readonly sharePerCaller: number
  readonly log: Logger
}

/** How long an end waits for a receiver that takes more. */
const SYSLOG_CLOSE_MS = 2_000

/** Takes whole frames. */
export function createSyslogSender(options: SyslogSenderOptions): EventSender {
  const { target, spoolBytes, sharePerCaller, log } = options
  const place = `${target.isTls ? 'tls' : 'tcp'}://${target.host}:${target.port}`
  const lines = createReceiverLines({ log, receiver: 'syslog', place })
  const waiting = createWaitingLines(sharePerCaller, spoolBytes)
  const recent = createRecentFrames()
  let lost = 0
  let emptied: (() => void) | undefined
  const lose = (count: number, why: string) => {
    if (count > 0) lines.lost(why)
    lost += count
  }
  const pump = () => {
    while (connection.isReady && waiting.count > 0) {
      const frames = waiting.take()
      recent.add(frames)
      connection.write(frames.join(''))
    }
    if (waiting.count === 0) emptied?.()
  }
  const connection = createSyslogConnection(target, {
    onReady(isNew) {
      if (isNew && lines.isAway) {
        const again = recent.all()
        if (again.length > 0) connection.write(again.join(''))
        lines.up()
      }
      pump()
    },
    onAway: lines.down,
  })
  return {
    send(frame, owner) {
      if (waiting.add(frame, owner) !== undefined) lose(1, 'no room')
      else if (connection.isReady) pump()
    },
    get lost() {
      return lost
    },
    async close() {
      if (waiting.count > 0 && !lines.isAway) {
        const all = new Promise<void>((resolve) => {
          emptied = resolve
        })
        await inTime(SYSLOG_CLOSE_MS, all)
      }
      lose(waiting.count, 'the end')
      await connection.close()
    },
  }
}
