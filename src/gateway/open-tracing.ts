// Opens the traces that the file asks for. Their code is loaded then, and only then.
import type { Settings } from '../core/settings.ts'
import type { Logger } from '../observe/log.ts'
import type { Tracing } from '../observe/tracing.ts'

export async function openTracing(settings: Settings, log: Logger): Promise<Tracing | undefined> {
  const { telemetry, sessionKey, limits } = settings
  if (telemetry?.traces === undefined) return undefined
  const { createTracing } = await import('../observe/otel/tracing.ts')
  const { sharePerCaller } = limits
  return createTracing({ telemetry, traces: telemetry.traces, sessionKey, sharePerCaller, log })
}
