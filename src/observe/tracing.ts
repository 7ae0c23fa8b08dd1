// Traces as the gateway sees them. otel/tracing.ts makes them, where the file asks for them.
import type { Fields } from '../core/fields.ts'
import type { RequestRecord } from './request-record.ts'
import type { RequestTrace } from './request-trace.ts'

export interface Tracing {
  /** Decides whether the request gets spans. */
  start(request: TracedRequest): StartedTrace
  readonly delivery: SpanDelivery
  /** Sends what waits, but for a few seconds only. */
  close(): Promise<void>
}

export interface TracedRequest {
  readonly httpMethod: string
  /** Its headers. */
  readonly fields: Fields
  /** When it arrived, by `performance.now()`. */
  readonly startedMs: number
  readonly route: TracedRoute
}

/** What spans say of the route. */
export interface TracedRoute {
  readonly path: string
  /** Tools whose names may stand in names of spans. */
  readonly namedTools: readonly string[]
  /** Undefined where the server is a program. */
  readonly upstreamUrl: URL | undefined
}

export interface StartedTrace extends RequestTrace {
  /** The exchange has ended. */
  finish(record: RequestRecord): void
}

/** How the receiver of the spans fares. */
export interface SpanDelivery {
  /** Spans that were lost: of callers over their share, as all room was taken, or as the receiver refused them. */
  readonly dropped: Readonly<Record<'share' | 'full' | 'refused', number>>
  /** Whether the last attempt failed. */
  readonly away: boolean
}
