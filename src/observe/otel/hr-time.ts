// The form that OpenTelemetry's packages have for a time.
import type { HrTime } from '@opentelemetry/api'

/** Seconds and nanoseconds. */
export function hrTimeOf(epochMs: number): HrTime {
  return [Math.trunc(epochMs / 1_000), (epochMs % 1_000) * 1_000_000]
}
