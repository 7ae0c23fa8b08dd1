// The times of the spans of one request: whatever clock says it, a step lies within its request.
import {
  AlwaysOnSampler,
  RandomIdGenerator,
  type ReadableSpan,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { CallTrace } from '../../src/observe/otel/call-trace.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'

const TRACES = 2_000

test('no step begins before its request, and none ends after it', () => {
  const spans: ReadableSpan[] = []
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => void spans.push(span),
        forceFlush: async () => undefined,
        shutdown: async () => undefined,
      },
    ],
  })
  const parts = {
    tracer: provider.getTracer('test'),
    ids: new RandomIdGenerator(),
    queue: { add: (_owner: string, _count: number, end: () => void) => end() },
    callerAttributes: () => ({}),
  }
  const route = { path: '/a', namedTools: [], upstreamUrl: undefined }
  const record = { principal: undefined, address: '192.0.2.1', calls: [] } as unknown as RequestRecord
  for (let made = 0; made < TRACES; made += 1) {
    const request = { httpMethod: 'GET', fields: [], startedMs: performance.now(), route }
    const trace = new CallTrace(parts, request)
    for (const step of ['verification', 'decision'] as const) {
      trace.begin(step)
      trace.end(step)
    }
    trace.outgoing(undefined)
    trace.end('upstream')
    trace.finish(record)
  }
  expect(spans).toHaveLength(TRACES * 4)
  const requests = new Map(
    spans.flatMap((span) =>
      span.parentSpanContext === undefined ? [[span.spanContext().spanId, span]] : [],
    ),
  )
  const outside = spans.filter(({ parentSpanContext, startTime, endTime }) => {
    const request = requests.get(parentSpanContext?.spanId ?? '')
    return request && (nanos(startTime) < nanos(request.startTime) || nanos(endTime) > nanos(request.endTime))
  })
  expect([requests.size, outside.length]).toEqual([TRACES, 0])
})

function nanos([seconds, rest]: ReadableSpan['startTime']): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest)
}
