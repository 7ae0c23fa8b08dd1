// Says in the process log how a receiver of audit events fares: one line when it goes, one when it is back, and one when events
// begin to be lost. How many were lost is in the metrics.
import type { Logger } from './log.ts'

export interface ReceiverLines {
  readonly isAway: boolean
  down(why: string): void
  /** It takes events. */
  up(): void
  lost(why: string): void
}

export interface ReceiverLinesOptions {
  readonly log: Logger
  readonly receiver: 'syslog' | 'otlp'
  readonly place: string
}

export function createReceiverLines({ log, receiver, place }: ReceiverLinesOptions): ReceiverLines {
  let isAway = false
  let isLosing = false
  return {
    get isAway() {
      return isAway
    },
    down(why) {
      const words = `the ${receiver} receiver is away; audit events wait for it`
      if (!isAway) log.error({ event: `${receiver}_down`, place, why }, words)
      isAway = true
    },
    up() {
      const words = `the ${receiver} receiver takes audit events again`
      if (isAway) log.info({ event: `${receiver}_up`, place }, words)
      isAway = false
      isLosing = false
    },
    lost(why) {
      const words = `audit events for the ${receiver} receiver are lost`
      if (!isLosing) log.error({ event: `${receiver}_lost`, place, why }, words)
      isLosing = true
    },
  }
}
