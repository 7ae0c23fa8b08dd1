// Begins to send metrics where the file asks for it. The code for that is loaded then, and only then.
import type { Settings } from '../core/settings.ts'
import type { Logger } from '../observe/log.ts'
import type { MetricExport } from '../observe/metric-export.ts'
import type { MetricSamples } from '../observe/metrics.ts'

export async function openMetricExport(
  { telemetry }: Settings,
  samples: () => Promise<readonly MetricSamples[]>,
  log: Logger,
): Promise<MetricExport | undefined> {
  if (telemetry?.metrics === undefined) return undefined
  const { createMetricExport } = await import('../observe/otel/metric-export.ts')
  return createMetricExport({ telemetry, metrics: telemetry.metrics, samples, log })
}
