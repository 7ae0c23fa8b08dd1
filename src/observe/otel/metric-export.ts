// Sends the metrics of the admin port by OTLP, at intervals. They are sums since the start, so an attempt that fails loses
// nothing: the next one says the same and more. Loaded where the file asks for it.
import { randomUUID } from 'node:crypto'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import type { MetricExportSettings, TelemetrySettings } from '../../core/settings-telemetry.ts'
import { inTime } from '../../lib/in-time.ts'
import type { Logger } from '../log.ts'
import type { MetricExport } from '../metric-export.ts'
import type { MetricSamples } from '../metrics.ts'
import { createDeliveryLines, isRefusal } from './delivery-lines.ts'
import { exporterOptions } from './exporter-options.ts'
import { hrTimeOf } from './hr-time.ts'
import { metricData } from './metric-data.ts'
import { serviceResource } from './service-resource.ts'

export interface MetricExportOptions {
  readonly telemetry: TelemetrySettings
  readonly metrics: MetricExportSettings
  /** What is sent. */
  readonly samples: () => Promise<readonly MetricSamples[]>
  readonly log: Logger
}

/** How long the end of the process waits for the receiver. */
const LAST_SEND_MS = 3_000

export function createMetricExport({ telemetry, metrics, samples, log }: MetricExportOptions): MetricExport {
  const options = convertLegacyHttpOptions(exporterOptions(metrics), 'METRICS', 'v1/metrics', PROTOBUF)
  const sender = createOtlpHttpExportDelegate(
    ...([
      options,
      ProtobufMetricsSerializer,
      'otlp_http_metric_exporter',
      MetricsExporterMetricsHelper,
    ] as const),
    undefined,
  )
  const lines = createDeliveryLines({ log, signal: 'metrics', endpoint: metrics.endpoint })
  const resource = serviceResource(telemetry, randomUUID())
  const startTime = hrTimeOf(Date.now())
  let sending: Promise<void> | undefined

  const sendNow = async () => {
    const data = metricData(await samples(), { startTime, endTime: hrTimeOf(Date.now()) })
    const sent = Promise.withResolvers<Parameters<Parameters<typeof sender.export>[1]>[0]>()
    sender.export(
      { resource, scopeMetrics: [{ scope: { name: 'portcullis' }, metrics: data }] },
      sent.resolve,
    )
    const { code, error } = await sent.promise
    if (code === 0) lines.delivered()
    else if (isRefusal(error)) lines.refused(error)
    else lines.away(error)
  }
  const send = () => {
    sending ??= sendNow()
      .catch(lines.away)
      .finally(() => {
        sending = undefined
      })
    return sending
  }
  const timer = setInterval(() => void send(), metrics.intervalMs).unref()
  return {
    async close() {
      clearInterval(timer)
      await inTime(LAST_SEND_MS, Promise.resolve(sending).then(send)) // the one under way was counted before the end
      void sender.shutdown()
    },
  }
}

const PROTOBUF = { 'Content-Type': 'application/x-protobuf' }
