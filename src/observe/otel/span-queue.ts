// Spans that wait for their receiver: bounded, with a share for each caller, and counted where they are lost. What cannot be
// delivered now stays and is tried again; what the receiver refuses is gone. OpenTelemetry's own queue would let one
// caller drop the spans of all others, and counts nothing.
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import { createShares, shareOf } from '../../core/shares.ts'
import { inTime } from '../../lib/in-time.ts'
import type { SpanDelivery } from '../tracing.ts'
import { type DeliveryLines, isRefusal } from './delivery-lines.ts'

/** A span is a kilobyte or two. */
const MAX_SPANS = 4_096
/** Spans that go in one request. */
const MAX_SPANS_SENT = 512
const FLUSH_MS = 5_000
/** How long the end of the process waits for the receiver. */
const CLOSE_MS = 3_000

export interface SpanQueue {
  /** To be given to the provider of the spans. */
  readonly processor: SpanProcessor
  /** Takes room for so many spans of the owner, and calls `end`, which ends them; without room they are lost. */
  add(owner: string, count: number, end: () => void): void
  readonly delivery: SpanDelivery
  close(): Promise<void>
}

export interface SpanQueueOptions {
  readonly exporter: SpanExporter
  readonly sharePerCaller: number
  readonly lines: DeliveryLines
}

/** The spans of one request. */
interface Entry {
  readonly owner: string
  readonly count: number
  readonly spans: ReadableSpan[]
}

export function createSpanQueue({ exporter, sharePerCaller, lines }: SpanQueueOptions): SpanQueue {
  const shares = createShares({ size: MAX_SPANS, share: shareOf(MAX_SPANS, sharePerCaller) })
  const dropped = { share: 0, full: 0, refused: 0 }
  const waiting: Entry[] = []
  let open: Entry | undefined
  let away = false
  let sending: Promise<void> | undefined

  const send = async (batch: readonly Entry[]): Promise<void> => {
    const { code, error } = await exported(
      exporter,
      batch.flatMap(({ spans }) => spans),
    )
    away = code !== SUCCESS
    if (away && !isRefusal(error)) {
      waiting.unshift(...batch)
      return lines.away(error)
    }
    for (const { owner, count } of batch) shares.give(owner, count)
    if (!away) return lines.delivered()
    dropped.refused += countOf(batch)
    lines.refused(error)
  }
  /** Until nothing waits, or the receiver takes nothing. */
  const sendAll = async () => {
    do await send(takeBatch(waiting))
    while (waiting.length > 0 && !away)
    sending = undefined
  }
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) sending ??= sendAll()
    await sending
  }
  const timer = setInterval(() => void flush(), FLUSH_MS).unref()
  return {
    processor: {
      onStart() {},
      onEnd: (span) => void open?.spans.push(span),
      forceFlush: flush,
      shutdown: async () => undefined,
    },
    add(owner, count, end) {
      const shortage = shares.take(owner, count)
      if (shortage !== undefined) {
        dropped[shortage] += count
        return lines.crowded(shortage)
      }
      open = { owner, count, spans: [] }
      end()
      waiting.push(open)
      open = undefined
      if (shares.used >= MAX_SPANS_SENT && !away) void flush()
    },
    delivery: {
      dropped,
      get away() {
        return away
      },
    },
    async close() {
      clearInterval(timer)
      await inTime(CLOSE_MS, flush())
      lines.closed(shares.used)
    },
  }
}

const SUCCESS = 0

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0]

function exported(exporter: SpanExporter, spans: ReadableSpan[]): Promise<ExportResult> {
  return new Promise((resolve) => exporter.export(spans, resolve))
}

/** The oldest, as many as go in one request; at least one. */
function takeBatch(waiting: Entry[]): readonly Entry[] {
  let [taken, spans] = [0, 0]
  do {
    spans += waiting[taken]?.count ?? 0
    taken += 1
  } while (taken < waiting.length && spans + (waiting[taken] as Entry).count <= MAX_SPANS_SENT)
  return waiting.splice(0, taken)
}

function countOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { count }) => sum + count, 0)
}
