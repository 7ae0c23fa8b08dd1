// Traces by the SDK of OpenTelemetry: which requests get spans, and where these go. Loaded where the file asks for traces.
// Nothing is registered for the process, so that several gateways in one know nothing of each other.
import { randomBytes, randomUUID } from 'node:crypto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { AlwaysOnSampler, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Secret } from '../../core/secret.ts'
import type { TelemetrySettings, TraceSettings } from '../../core/settings-telemetry.ts'
import type { Logger } from '../log.ts'
import type { Tracing } from '../tracing.ts'
import { MAX_VALUE_CHARACTERS } from './attributes.ts'
import { CallTrace, UntracedCall } from './call-trace.ts'
import { createCallerAttributes } from './caller-attributes.ts'
import { createDeliveryLines } from './delivery-lines.ts'
import { exporterOptions } from './exporter-options.ts'
import { serviceResource } from './service-resource.ts'
import { createSpanQueue } from './span-queue.ts'

export interface TracingOptions {
  readonly telemetry: TelemetrySettings
  readonly traces: TraceSettings
  /** The key of pseudonyms; undefined: one of this process. */
  readonly sessionKey: Secret | undefined
  readonly sharePerCaller: number
  readonly log: Logger
}

const MAX_ATTRIBUTES = 40
const KEY_BYTES = 32

export function createTracing(options: TracingOptions): Tracing {
  const { telemetry, traces, sessionKey, sharePerCaller, log } = options
  const { endpoint, sample, identity } = traces
  const exporter = new OTLPTraceExporter(exporterOptions(traces))
  const lines = createDeliveryLines({ log, signal: 'traces', endpoint })
  const queue = createSpanQueue({ exporter, sharePerCaller, lines })
  const provider = new TracerProvider({
    resource: serviceResource(telemetry, randomUUID()),
    sampler: new AlwaysOnSampler(), // who gets spans is decided below
    spanProcessors: [queue.processor],
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_CHARACTERS, attributeCountLimit: MAX_ATTRIBUTES },
  })
  const ids = new RandomIdGenerator()
  const secret = sessionKey === undefined ? randomBytes(KEY_BYTES) : Buffer.from(sessionKey.reveal())
  const parts = {
    ...{ ids, queue },
    tracer: provider.getTracer('portcullis'),
    callerAttributes: createCallerAttributes(identity, secret),
  }
  return {
    // XTR-02: by chance, and not by the trace id or a flag, which a client chooses: neither gets it more spans
    start: (request) =>
      Math.random() < sample ? new CallTrace(parts, request) : new UntracedCall(ids, request),
    delivery: queue.delivery,
    async close() {
      await queue.close()
      void exporter.shutdown()
    },
  }
}
