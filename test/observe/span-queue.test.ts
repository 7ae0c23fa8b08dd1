// Spans that wait for their receiver: what becomes of them while it is away, what one caller may hold, and what the log says.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { createDeliveryLines } from '../../src/observe/otel/delivery-lines.ts'
import { createSpanQueue, type SpanQueue } from '../../src/observe/otel/span-queue.ts'
import { createTracing } from '../../src/observe/otel/tracing.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { futureReceiver, type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts'

const ENDPOINT = 'http://127.0.0.1:4318/v1/traces?key=SECRET'

type Done = Parameters<SpanExporter['export']>[1]

/** A receiver that answers when the test says so. */
function start() {
  const asked: { readonly spans: readonly ReadableSpan[]; readonly done: Done }[] = []
  const log: string[] = []
  const queue = createSpanQueue({
    exporter: {
      export: (spans, done) => void asked.push({ spans, done }),
      shutdown: async () => undefined,
    },
    sharePerCaller: 0.25,
    lines: createDeliveryLines({
      log: createLog('info', { write: (line: string) => void log.push(line) }),
      signal: 'traces',
      endpoint: ENDPOINT,
    }),
  })
  return { queue, asked, log }
}

function add({ add: put, processor }: SpanQueue, owner: string, count: number): void {
  put(owner, count, () => {
    for (let place = 0; place < count; place += 1) processor.onEnd({ name: owner } as ReadableSpan)
  })
}

const failure = (code: string | number | undefined) => ({
  code: 1,
  error: Object.assign(new Error('what a receiver wrote: SECRET'), code === undefined ? {} : { code }),
})

describe('while the receiver does not answer', () => {
  test('a caller over its share loses its own spans alone; past the room everybody does', () => {
    const { queue } = start()
    for (let call = 0; call < 300; call += 1) add(queue, 'flood', 4)
    expect(queue.delivery.dropped).toEqual({ share: 300 * 4 - 1_024, full: 0, refused: 0 })
    for (const owner of ['a', 'b', 'c', 'd']) for (let call = 0; call < 256; call += 1) add(queue, owner, 4)
    expect(queue.delivery.dropped.full).toBe(1_024)
    void queue.close()
  })

  test('what waits is sent again, in its order, at most 512 in one request', async () => {
    const { queue, asked, log } = start()
    for (let call = 0; call < 150; call += 1) add(queue, `caller ${call}`, 4)
    expect(asked.map(({ spans }) => spans.length)).toEqual([512])
    asked[0]?.done(failure('ECONNREFUSED'))
    await vi.waitFor(() => expect(queue.delivery.away).toBe(true))
    const again = queue.processor.forceFlush()
    asked[1]?.done({ code: 0 })
    await vi.waitFor(() => expect(asked).toHaveLength(3))
    asked[2]?.done({ code: 0 })
    await again
    const names = asked.slice(1).flatMap(({ spans }) => spans.map(({ name }) => name))
    expect(names).toEqual(Array.from({ length: 600 }, (_, place) => `caller ${Math.floor(place / 4)}`))
    expect(queue.delivery).toEqual({ dropped: { share: 0, full: 0, refused: 0 }, away: false })
    expect(log.map((line) => JSON.parse(line).level)).toEqual([40, 30])
    await queue.close()
  })

  test('the log says once that it is away and once that it is back, without what may be a secret', async () => {
    const { queue, asked, log } = start()
    add(queue, 'a', 4)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const flushed = queue.processor.forceFlush()
      asked[attempt]?.done(failure(undefined))
      await flushed
    }
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('"receiver":"http://127.0.0.1:4318"')
    expect(log[0]).not.toContain('SECRET')
    void queue.close()
  })
})

test('what the receiver refuses is dropped and counted: the same would be refused again', async () => {
  const { queue, asked, log } = start()
  add(queue, 'a', 4)
  const flushed = queue.processor.forceFlush()
  asked[0]?.done(failure(400))
  await flushed
  expect(queue.delivery).toEqual({ dropped: { share: 0, full: 0, refused: 4 }, away: true })
  expect(JSON.parse(log[0] ?? '{}')).toMatchObject({ level: 40, event: 'telemetry', error: '400' })
  await queue.close()
  expect(asked).toHaveLength(1)
})

describe('with the exporter of OpenTelemetry', () => {
  let receiver: OtlpReceiver | undefined
  afterEach(async () => {
    vi.unstubAllEnvs()
    await receiver?.close()
  })

  const record = { principal: undefined, address: '192.0.2.1', calls: [] } as unknown as RequestRecord
  const request = {
    ...{ httpMethod: 'GET', fields: [], startedMs: 0 },
    route: { path: '/a', namedTools: [], upstreamUrl: undefined },
  }

  test('a receiver that comes later gets what was made before; one that never comes is told of at the end', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500')
    const { port, url } = await futureReceiver()
    const log: string[] = []
    const open = () =>
      createTracing({
        telemetry: { serviceName: undefined },
        traces: {
          endpoint: `${url}/v1/traces`,
          ...{ isNamed: true, headers: {}, ca: undefined, sample: 1, identity: [] },
        },
        ...{ sessionKey: undefined, sharePerCaller: 1 },
        log: createLog('info', { write: (line: string) => void log.push(line) }),
      })
    const early = open()
    early.start(request).finish(record)
    await early.close()
    const words = log.map((line) => JSON.parse(line))
    expect(words).toMatchObject([{ error: 'ECONNREFUSED' }, { lost: 1 }])
    const tracing = open()
    for (let call = 0; call < 512; call += 1) tracing.start(request).finish(record)
    await vi.waitFor(() => expect(tracing.delivery.away).toBe(true), 5_000)
    receiver = await startOtlpReceiver(port)
    await tracing.close()
    expect(receiver.spans).toHaveLength(512)
    expect(tracing.delivery).toEqual({ dropped: { share: 0, full: 0, refused: 0 }, away: false })
  })
})
