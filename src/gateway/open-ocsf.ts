// Opens the ways of the audit to other programs. Their code, and that for OTLP, is loaded where the file asks for it, and only then.
import type { Settings } from '../core/settings.ts'
import type { Logger } from '../observe/log.ts'
import type { OcsfExport } from '../observe/ocsf/export.ts'
import type { OtlpLogOptions } from '../observe/otel/log-sender.ts'

/** Throws a sentence where the file of the events cannot be written. */
export async function openOcsf(
  { audit: { ocsf }, limits, telemetry }: Settings,
  log: Logger,
): Promise<OcsfExport | undefined> {
  if (ocsf === undefined) return undefined
  const { createOcsfExport } = await import('../observe/ocsf/export.ts')
  const parts = { sharePerCaller: limits.sharePerCaller, log }
  const receiver = ocsf.otlp
  const otlp = receiver && (await openLogSender({ ...parts, receiver, serviceName: telemetry?.serviceName }))
  return createOcsfExport({ ...parts, settings: ocsf, otlp })
}

async function openLogSender(options: OtlpLogOptions) {
  const { createLogSender } = await import('../observe/otel/log-sender.ts')
  return createLogSender(options)
}
