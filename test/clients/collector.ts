// The receiver of the OpenTelemetry Collector as a process of a test: what it took, as OTLP JSON (opentelemetry-proto 1.x).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { freePort } from '../support/free-port.ts'
import { buildForeign, OTLP_RECEIVER } from '../upstreams/foreign.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly boolValue?: boolean }
}

/** SpanKind of opentelemetry-proto. */
export const SERVER_KIND = 2
export const CLIENT_KIND = 3

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly Attribute[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  /** `service.name` of the one that made it. */
  readonly service: string
}

export interface CollectedLog {
  readonly timeUnixNano: string
  readonly severityText: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly Attribute[]
  /** `service.name` of the one that sent it. */
  readonly service: string
}

interface Request {
  readonly resourceLogs?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeLogs: readonly { readonly logRecords: readonly Omit<CollectedLog, 'service'>[] }[]
  }[]
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Omit<CollectedSpan, 'service'>[] }[]
  }[]
}

export interface Collector {
  /** Without a path. */
  readonly url: string
  /** What it took so far. */
  spans(): readonly CollectedSpan[]
  logs(): readonly CollectedLog[]
  stop(): Promise<unknown>
}

/** The running receiver, or why there is none. `port`: where it listens; by default any that is free. */
export async function startCollector(port?: number): Promise<Collector | string> {
  const built = await buildForeign(OTLP_RECEIVER)
  if (typeof built === 'string') return built
  const [command, ...args] = built.program
  const endpoint = `127.0.0.1:${port ?? (await freePort())}`
  const child = spawn(command, [...args, '-endpoint', endpoint], { stdio: ['ignore', 'pipe', 'inherit'] })
  const requests: Request[] = []
  const lines = createInterface(child.stdout)
  const listening = once(lines, 'line')
  lines.on('line', (line) => {
    if (line !== '') requests.push(JSON.parse(line) as Request)
  })
  await Promise.race([
    listening,
    once(child, 'exit').then(() => Promise.reject(new Error('the receiver ended'))),
  ])
  return {
    url: `http://${endpoint}`,
    spans: () => requests.flatMap(spansOf),
    logs: () => requests.flatMap(logsOf),
    stop: () => {
      child.kill('SIGTERM')
      return once(child, 'exit')
    },
  }
}

function spansOf({ resourceSpans = [] }: Request): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = textOf(resource.attributes, 'service.name') ?? ''
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })))
  })
}

function logsOf({ resourceLogs = [] }: Request): CollectedLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const service = textOf(resource.attributes, 'service.name') ?? ''
    return scopeLogs.flatMap(({ logRecords }) => logRecords.map((log) => ({ ...log, service })))
  })
}

export function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value.stringValue
}
