// A receiver of OTLP for a test: HTTP with protobuf, as OpenTelemetry's exporters send it. It reads as much of a trace
// request as tests ask about (opentelemetry-proto 1.x, trace/v1 and common/v1). test/clients/tracing.test.ts has the
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

export interface OtlpReceiver {
  /** Without a path. */
  readonly url: string
  readonly spans: ReceivedSpan[]
  readonly requests: {
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: Buffer
  }[]
  /** Answered to the next requests; 200 at first. */
  status: number
  close(): Promise<void>
}

/** `port`: where it listens; by default any that is free. */
export async function startOtlpReceiver(port?: number): Promise<OtlpReceiver> {
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request)
    receiver.requests.push({ url: request.url ?? '', headers: request.headers, body })
    if (receiver.status === 200) receiver.spans.push(...spansIn(body))
    response.writeHead(receiver.status, { 'content-type': 'application/x-protobuf' }).end()
  })
  await new Promise<void>((resolve) => server.listen(port ?? 0, '127.0.0.1', resolve))
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans: [], requests: [], status: 200 },
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
