// Traces end to end: the official clients (sdk 1.32.2 and client 2.4.0) inside a trace of their own, made with OpenTelemetry's
// SDK 3.1.1, through the gateway; and the receiver of the OpenTelemetry Collector 0.165.0 gets the spans of both.
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type Span, SpanKind } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type RunningServer, startEverything } from '../upstreams/everything-2x.ts'
import {
  CLIENT_KIND,
  type CollectedSpan,
  type Collector,
  SERVER_KIND,
  startCollector,
  textOf,
} from './collector.ts'
import { KINDS, type Kind } from './session.ts'

const PATIENCE_MS = 300_000 // the receiver is built once
const TOOL = 'test_simple_text'
const POLICY = `
      rules: [{ name: text, tools: [${TOOL}], scopes: [a] }]`

let collector: Collector
let reason: string | undefined
let upstream: RunningServer | undefined
let gateway: TestGateway
let provider: TracerProvider
beforeAll(async () => {
  const started = await startCollector()
  if (typeof started === 'string') {
    reason = started
    console.warn(`skipped: ${reason}`)
    return
  }
  collector = started
  upstream = await startEverything()
  const top = `telemetry: { endpoint: "${collector.url}", traces: {} }`
  gateway = await startTestGateway({ upstreamUrl: upstream.url, policy: POLICY, top })
  provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'client' }),
    spanProcessors: [
      new SimpleSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${collector.url}/v1/traces` }) }),
    ],
  })
}, PATIENCE_MS)
afterAll(async () => {
  if (reason !== undefined) return
  await gateway.close()
  await upstream?.close()
  await collector.stop()
})

type Way = 'header' | '_meta'

/** One call inside a span of the client, which tells of it in one of the two ways. */
async function callWithin(span: Span, kind: Kind, way: Way): Promise<void> {
  const { traceId, spanId } = span.spanContext()
  const traceparent = `00-${traceId}-${spanId}-01`
  const headers = { authorization: `Bearer ${gateway.token()}`, ...(way === 'header' && { traceparent }) }
  const options = { requestInit: { headers } }
  const params = { name: TOOL, ...(way === '_meta' && { _meta: { traceparent } }) }
  if (kind === 'client 1.x') {
    const client = new ClientV1({ name: 'test', version: '1' })
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    await client.connect(
      new HttpV1(new URL(gateway.resource), options) as Parameters<typeof client.connect>[0],
    )
    await client.callTool(params)
    await client.close()
    return
  }
  const mode = kind === 'client 2.x' ? 'auto' : 'legacy'
  const client = new ClientV2({ name: 'test', version: '2' }, { versionNegotiation: { mode } })
  await client.connect(new HttpV2(new URL(gateway.resource), options))
  await client.callTool(params)
  await client.close()
}

function named(spans: readonly CollectedSpan[], name: string, kind: number): CollectedSpan | undefined {
  return spans.find((span) => span.name === name && span.kind === kind)
}

const CASES = KINDS.flatMap((kind) => (['header', '_meta'] as const).map((way) => [kind, way] as const))

test.for(CASES)(
  'XTR-01 %s, which sends its span in %s: its call, the gateway and the question to the server are one trace',
  async ([kind, way], context) => {
    if (reason !== undefined) return context.skip(reason)
    const span = provider.getTracer('client').startSpan(`${kind} by ${way}`, { kind: SpanKind.CLIENT })
    const { traceId, spanId } = span.spanContext()
    await callWithin(span, kind, way)
    span.end()
    const ofTrace = () => collector.spans().filter((each) => each.traceId === traceId)
    await expect
      .poll(() => named(ofTrace(), `tools/call ${TOOL}`, SERVER_KIND), { timeout: 10_000 })
      .toBeDefined()
    await expect.poll(() => ofTrace().some(({ service }) => service === 'client')).toBe(true)
    const server = named(ofTrace(), `tools/call ${TOOL}`, SERVER_KIND)
    expect(server).toMatchObject({ parentSpanId: spanId, service: 'portcullis' })
    expect(textOf(server?.attributes ?? [], 'gen_ai.tool.name')).toBe(TOOL)
    expect(textOf(server?.attributes ?? [], 'mcp.method.name')).toBe('tools/call')
    const below = ofTrace().filter(({ parentSpanId }) => parentSpanId === server?.spanId)
    expect(below.map(({ name }) => name).sort()).toEqual(['decide', `tools/call ${TOOL}`, 'verify token'])
    expect(below.find(({ kind: each }) => each === CLIENT_KIND)?.service).toBe('portcullis')
  },
)
