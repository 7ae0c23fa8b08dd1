// How OpenTelemetry's exporters reach a receiver. What the file does not say (time limits, compression, certificates of our
// own, further headers) they read from the variables of OpenTelemetry themselves.
import type { OtlpReceiver } from '../../core/settings-telemetry.ts'

export function exporterOptions({ endpoint, headers, ca }: Omit<OtlpReceiver, 'isNamed'>) {
  const revealed = Object.entries(headers).map(([name, value]) => [name, value.reveal()])
  return {
    url: endpoint,
    headers: Object.fromEntries(revealed) as Record<string, string>,
    ...(ca === undefined ? {} : { httpAgentOptions: { keepAlive: true, ca } }),
  }
}
