// The metrics of the admin port in the form of OpenTelemetry: the same names, labels and values, so that a dashboard reads
// either. Pure.
import { type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import type { MetricSamples } from '../metrics.ts'

/** From when to when the values were counted. */
export interface Period {
  readonly startTime: HrTime
  readonly endTime: HrTime
}

export function metricData(samples: readonly MetricSamples[], period: Period): MetricData[] {
  return samples.filter(({ values }) => (values?.length ?? 0) > 0).map((metric) => dataOf(metric, period))
}

function dataOf(metric: MetricSamples, period: Period): MetricData {
  const { name, help, type, values = [] } = metric
  const descriptor = { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE }
  const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE }
  if (String(type) === 'histogram')
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(values, period) }
  const dataPoints = values.map(({ labels, value }) => ({ ...period, attributes: textLabels(labels), value }))
  return String(type) === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
}

/** UCUM, which OpenTelemetry takes units from, by the names of Prometheus. */
function unitOf(name: string): string {
  if (/_seconds(?:_total)?$/.test(name)) return 's'
  return /_bytes(?:_total)?$/.test(name) ? 'By' : ''
}

type Sample = MetricSamples['values'][number]
type Labels = Sample['labels']

function textLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}

/** Prometheus writes a sample for each bucket, for the sum and for the count: together they are one point. */
function histograms(samples: readonly Sample[], period: Period): DataPoint<Histogram>[] {
  const points = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    points.set(key, [...(points.get(key) ?? []), sample])
  }
  return [...points].map(([key, parts]) => ({
    ...period,
    attributes: textLabels(JSON.parse(key) as Labels),
    value: histogramOf(parts),
  }))
}

function histogramOf(parts: readonly Sample[]): Histogram {
  const ending = (end: string) => parts.filter(({ metricName = '' }) => metricName.endsWith(end))
  const buckets = ending('_bucket').map(({ labels, value }) => ({ bound: boundOf(labels), value }))
  buckets.sort((one, other) => one.bound - other.bound)
  return {
    buckets: {
      boundaries: buckets.map(({ bound }) => bound).filter(Number.isFinite),
      counts: buckets.map(({ value }, place) => value - (buckets[place - 1]?.value ?? 0)), // those of Prometheus add up
    },
    sum: ending('_sum')[0]?.value ?? 0,
    count: ending('_count')[0]?.value ?? 0,
  }
}

function boundOf({ le }: Labels): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}
