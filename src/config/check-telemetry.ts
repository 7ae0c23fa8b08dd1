// Where telemetry goes: an address that a variable brought, and keys that everybody on the way could read.
import type { Finding, Settings } from '../core/settings.ts'
import type { OtlpReceiver } from '../core/settings-telemetry.ts'
import { isLoopback } from '../lib/loopback.ts'

export function checkTelemetry({ telemetry }: Settings): Finding[] {
  const receivers = [telemetry?.traces, telemetry?.metrics].filter((each) => each !== undefined)
  const [first] = receivers.flatMap(receiver)
  return first === undefined ? [] : [first]
}

function receiver({ endpoint, headers }: OtlpReceiver): Finding[] {
  const path = ['telemetry']
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
