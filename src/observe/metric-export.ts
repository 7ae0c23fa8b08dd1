// Metrics that are sent away at intervals, as the gateway sees them. otel/metric-export.ts sends them, where the file asks for it.

export interface MetricExport {
  /** Sends them once more, but waits for that a few seconds only. */
  close(): Promise<void>
}
