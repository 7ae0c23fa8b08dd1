// Sends syslog frames to a receiver. While it is away they wait, up to a bound and a share for each caller; then they are
// dropped and counted. Syslog has no acknowledgement: what was sent shortly before a connection ended is sent once more, since
// the receiver may not have read it.
import { inTime } from '../../lib/in-time.ts'
import type { Logger } from '../log.ts'
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

export interface SyslogSender {
  /** `owner`: whose it is, where frames have to be dropped. */
  send(frame: string, owner: () => string): void
  /** Frames that found no room, or had nowhere to go at the end. */
  readonly lost: number
  /** Sends what waits, for a bounded time; the rest is lost. */
  close(): Promise<void>
}

/** How long an end waits for a receiver that takes more. */
const SYSLOG_CLOSE_MS = 2_000

export function createSyslogSender(options: SyslogSenderOptions): SyslogSender {
  const { target, spoolBytes, sharePerCaller, log } = options
  const place = `${target.isTls ? 'tls' : 'tcp'}://${target.host}:${target.port}`
  const waiting = createWaitingLines(sharePerCaller, spoolBytes)
  const recent = createRecentFrames()
  let lost = 0
  let isAway = false
  let isLosing = false
  let emptied: (() => void) | undefined
  const lose = (count: number) => {
    if (count > 0 && !isLosing)
      log.error({ event: 'syslog_lost', place }, 'audit events for the syslog receiver are lost')
    isLosing ||= count > 0
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
      if (isNew && isAway) {
        log.info({ event: 'syslog_up', place }, 'the syslog receiver takes audit events again')
        const again = recent.all()
        if (again.length > 0) connection.write(again.join(''))
        isAway = false
        isLosing = false
      }
      pump()
    },
    onAway(why) {
      if (!isAway)
        log.error(
          { event: 'syslog_down', place, why },
          'the syslog receiver is away; audit events wait for it',
        )
      isAway = true
    },
  })
  return {
    send(frame, owner) {
      if (waiting.add(frame, owner) !== undefined) lose(1)
      else if (connection.isReady) pump()
    },
    get lost() {
      return lost
    },
    async close() {
      if (waiting.count > 0 && !isAway) {
        const all = new Promise<void>((resolve) => {
          emptied = resolve
        })
        await inTime(SYSLOG_CLOSE_MS, all)
      }
      lose(waiting.count)
      await connection.close()
    },
  }
}
