// A receiver of OTLP for a test: HTTP with protobuf, as OpenTelemetry's exporters send it. It reads as much of a
// request as tests ask about (opentelemetry-proto 1.x: trace/v1, metrics/v1, logs/v1 and common/v1). test/clients/tracing.test.ts has the
// real one.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { freePort } from './free-port.ts'

export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root. */
  readonly parentId: string
  readonly state: string
  readonly kind: 'internal' | 'server' | 'client'
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of the service that made it. */
  readonly resource: Readonly<Record<string, unknown>>
  /** Trace and span id of each. */
  readonly links: readonly string[]
  readonly failed: boolean
  /** Nanoseconds since 1970. */
  readonly from: bigint
  readonly to: bigint
}

export interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly kind: 'gauge' | 'sum' | 'histogram'
  readonly points: readonly ReceivedPoint[]
  readonly resource: Readonly<Record<string, unknown>>
}

/** `value`: of a histogram its sum. */
export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly value: number
  readonly count?: number
  readonly bounds?: readonly number[]
  readonly buckets?: readonly number[]
}

export interface ReceivedLog {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly severity: number
  readonly body: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver {
  /** Without a path. */
  readonly url: string
  readonly spans: ReceivedSpan[]
  /** Of the last request. */
  metrics: readonly ReceivedMetric[]
  readonly logs: ReceivedLog[]
  readonly requests: {
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: Buffer
  }[]
  /** Answered to the next requests; 200 at first. */
  status: number
  /** Says of the next requests with logs that so many (below 128) were rejected. */
  rejected: number
  /** Awaited before an answer. */
  held: Promise<void>
  close(): Promise<void>
}

/** `port`: where it listens; by default any that is free. */
export async function startOtlpReceiver(port?: number): Promise<OtlpReceiver> {
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request)
    receiver.requests.push({ url: request.url ?? '', headers: request.headers, body })
    if (receiver.status === 200 && request.url === '/v1/traces') receiver.spans.push(...spansIn(body))
    if (receiver.status === 200 && request.url === '/v1/metrics') receiver.metrics = metricsIn(body)
    if (receiver.status === 200 && request.url === '/v1/logs') receiver.logs.push(...logsIn(body))
    await receiver.held
    const { status, rejected } = receiver
    response.writeHead(status, { 'content-type': 'application/x-protobuf' })
    response.end(rejected === 0 ? undefined : Buffer.from([0x0a, 2, 0x08, rejected]))
  })
  await new Promise<void>((resolve) => server.listen(port ?? 0, '127.0.0.1', resolve))
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans: [], metrics: [], logs: [], requests: [] },
    ...{ status: 200, rejected: 0, held: Promise.resolve() },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

/** Where a receiver can be started later. */
export async function futureReceiver(): Promise<{ readonly port: number; readonly url: string }> {
  const port = await freePort()
  return { port, url: `http://127.0.0.1:${port}` }
}

type Field = readonly [number: number, value: Buffer | bigint]

/** One message of protobuf (encoding, wire types 0, 1, 2 and 5). */
function fieldsOf(bytes: Buffer): readonly Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at] as number)
      at += 1
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const type = key & 7
    if (type === 0) fields.push([key >> 3, varint()])
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : Number(varint())
      const value = bytes.subarray(at, at + length)
      at += length
      fields.push([
        key >> 3,
        type === 1 ? value.readBigUInt64LE() : type === 5 ? BigInt(value.readUInt32LE()) : value,
      ])
    }
  }
  return fields
}

function every(fields: readonly Field[], number: number): readonly Buffer[] {
  return fields.flatMap(([each, value]) => (each === number && Buffer.isBuffer(value) ? [value] : []))
}

function first(fields: readonly Field[], number: number): Buffer {
  return every(fields, number)[0] ?? Buffer.alloc(0)
}

function numberIn(fields: readonly Field[], number: number): bigint {
  const found = fields.find(([each]) => each === number)?.[1]
  return typeof found === 'bigint' ? found : 0n
}

/** KeyValue: a text, a truth value or a whole number. */
function attributesIn(values: readonly Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    values.map((bytes) => {
      const fields = fieldsOf(bytes)
      const [number, value] = fieldsOf(first(fields, 2))[0] ?? []
      const read = Buffer.isBuffer(value) ? value.toString() : number === 2 ? value === 1n : Number(value)
      return [first(fields, 1).toString(), read]
    }),
  )
}

const KINDS = ['internal', 'internal', 'server', 'client'] as const
const ERROR = 2n

function spansIn(request: Buffer): ReceivedSpan[] {
  return every(fieldsOf(request), 1).flatMap((ofResource) => {
    const fields = fieldsOf(ofResource)
    const resource = attributesIn(every(fieldsOf(first(fields, 1)), 1))
    const spans = every(fields, 2).flatMap((ofScope) => every(fieldsOf(ofScope), 2))
    return spans.map((bytes) => spanOf(fieldsOf(bytes), resource))
  })
}

function spanOf(fields: readonly Field[], resource: ReceivedSpan['resource']): ReceivedSpan {
  const hex = (number: number, from = fields) => first(from, number).toString('hex')
  const links = every(fields, 13).map((bytes) => `${hex(1, fieldsOf(bytes))}-${hex(2, fieldsOf(bytes))}`)
  return {
    name: first(fields, 5).toString(),
    ...{ traceId: hex(1), spanId: hex(2), parentId: hex(4), state: first(fields, 3).toString() },
    kind: KINDS[Number(numberIn(fields, 6))] ?? 'internal',
    attributes: attributesIn(every(fields, 9)),
    ...{ resource, links },
    failed: numberIn(fieldsOf(first(fields, 15)), 3) === ERROR,
    ...{ from: numberIn(fields, 7), to: numberIn(fields, 8) },
  }
}

function logsIn(request: Buffer): ReceivedLog[] {
  return every(fieldsOf(request), 1).flatMap((ofResource) => {
    const fields = fieldsOf(ofResource)
    const resource = attributesIn(every(fieldsOf(first(fields, 1)), 1))
    const logs = every(fields, 2)
      .flatMap((ofScope) => every(fieldsOf(ofScope), 2))
      .map(fieldsOf)
    return logs.map((log) => ({
      ...{ time: numberIn(log, 1), severity: Number(numberIn(log, 2)) },
      body: first(fieldsOf(first(log, 5)), 1).toString(),
      ...{ attributes: attributesIn(every(log, 6)), resource },
    }))
  })
}

const METRIC_KINDS = new Map([
  [5, 'gauge'],
  [7, 'sum'],
  [9, 'histogram'],
] as const)

function metricsIn(request: Buffer): ReceivedMetric[] {
  return every(fieldsOf(request), 1).flatMap((ofResource) => {
    const fields = fieldsOf(ofResource)
    const resource = attributesIn(every(fieldsOf(first(fields, 1)), 1))
    const metrics = every(fields, 2).flatMap((ofScope) => every(fieldsOf(ofScope), 2))
    return metrics.map((bytes) => metricOf(fieldsOf(bytes), resource))
  })
}

function metricOf(fields: readonly Field[], resource: ReceivedMetric['resource']): ReceivedMetric {
  const [number, kind] = [...METRIC_KINDS].find(([each]) => first(fields, each).length > 0) ?? [5, 'gauge']
  const points = every(fieldsOf(first(fields, number)), 1).map((bytes) => pointOf(fieldsOf(bytes), kind))
  return { name: first(fields, 1).toString(), unit: first(fields, 3).toString(), kind, points, resource }
}

function pointOf(fields: readonly Field[], kind: ReceivedMetric['kind']): ReceivedPoint {
  if (kind !== 'histogram')
    return { attributes: attributesIn(every(fields, 7)), value: doubleOf(numberIn(fields, 4)) }
  const packed = first(fields, 6)
  const bounds = first(fields, 7)
  return {
    attributes: attributesIn(every(fields, 9)),
    value: doubleOf(numberIn(fields, 5)),
    count: Number(numberIn(fields, 4)),
    bounds: Array.from({ length: bounds.length / 8 }, (_, place) => bounds.readDoubleLE(place * 8)),
    buckets: Array.from({ length: packed.length / 8 }, (_, place) =>
      Number(packed.readBigUInt64LE(place * 8)),
    ),
  }
}

function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(bits)
  return bytes.readDoubleLE()
}
