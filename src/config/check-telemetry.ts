// Where telemetry and the audit go by OTLP: an address that a variable brought, and keys that everybody on the way could read.
import type { Finding, Settings } from '../core/settings.ts'
import type { OtlpReceiver } from '../core/settings-telemetry.ts'
import { isLoopback } from '../lib/loopback.ts'

export function checkTelemetry({ telemetry, audit }: Settings): Finding[] {
  const receivers = [telemetry?.traces, telemetry?.metrics].filter((each) => each !== undefined)
  const [first] = receivers.flatMap((each) => findings(each, ['telemetry']))
  const ofAudit = audit.ocsf?.otlp && findings(audit.ocsf.otlp, ['audit', 'ocsf', 'otlp'])
  return [...(first === undefined ? [] : [first]), ...(ofAudit ?? [])]
}

function findings({ endpoint, headers }: Omit<OtlpReceiver, 'isNamed'>, path: string[]): Finding[] {
  if (!/^https?:\/\/\S+$/.test(endpoint) || !URL.canParse(endpoint)) {
    const message =
      'OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) URL such as http://localhost:4318; set it right, or write `endpoint` here'
    return [{ severity: 'error', path, message }]
  }
  const { protocol, hostname } = new URL(endpoint)
  if (protocol === 'https:' || isLoopback(hostname) || Object.keys(headers).length === 0) return []
  const message = 'these headers go over a network without TLS; whoever is on it can use them'
  return [{ severity: 'warning', path, message }]
}
