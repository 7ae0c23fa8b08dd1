// Says in the process log how the receiver of telemetry fares: one line when something begins, and one when it is over. How
// much was lost is in the metrics.
import type { Logger } from '../log.ts'

export interface DeliveryLines {
  /** It does not answer, or asks to come later; what waits stays. */
  away(error: Error | undefined): void
  /** It answers that it does not take this, and would not take it later. */
  refused(error: Error | undefined): void
  /** No room was left for more. */
  crowded(why: 'share' | 'full'): void
  delivered(): void
  /** So many are lost with the end of the process. */
  closed(count: number): void
}

export interface DeliveryLinesOptions {
  readonly log: Logger
  /** What is delivered. */
  readonly signal: 'traces' | 'metrics'
  readonly endpoint: string
}

type State = 'well' | 'away' | 'refused' | 'crowded'

export function createDeliveryLines({ log, signal, endpoint }: DeliveryLinesOptions): DeliveryLines {
  const { origin } = new URL(endpoint) // a path or a query may be a secret
  let state: State = 'well'
  const change = (next: State, fields: object, words: string) => {
    if (state === next) return
    state = next
    const all = { event: 'telemetry', signal, receiver: origin, ...fields }
    if (next === 'well') log.info(all, words)
    else log.warn(all, words)
  }
  return {
    away: (error) =>
      change('away', { error: wordOf(error) }, 'telemetry cannot be delivered; it waits while there is room'),
    refused: (error) =>
      change('refused', { error: wordOf(error) }, 'the receiver of telemetry refuses it; it is dropped'),
    crowded(why) {
      if (state === 'well')
        change('crowded', { why }, 'there is more telemetry than can be delivered; it is dropped')
    },
    delivered: () => change('well', {}, 'telemetry is delivered again'),
    closed(count) {
      if (count > 0)
        log.warn(
          { event: 'telemetry', signal, receiver: origin, lost: count },
          'telemetry was lost at the end',
        )
    },
  }
}

/** OTLP 1.x §Failures: with these answers of HTTP the same must not be sent again. Those that pass have no code here. */
export function isRefusal(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && typeof error.code === 'number'
}

/** A code of Node, or a status of HTTP. What the receiver itself writes is not repeated. */
export function wordOf(error: Error | undefined): string {
  const code: unknown = error && 'code' in error ? error.code : undefined
  return code === undefined ? 'no answer, or not now' : String(code)
}
