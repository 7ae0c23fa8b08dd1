// Where telemetry goes that the file gives no endpoint: what the variables of OpenTelemetry say. None of them turns anything
// on by itself. What else they say (headers, time limits, certificates, attributes) is read by OpenTelemetry's own code.
import type { Settings } from '../core/settings.ts'
import type { OtlpReceiver } from '../core/settings-telemetry.ts'
import { endpointOf, type Signal } from './schema-telemetry.ts'

type Env = Readonly<Record<string, string | undefined>>

export function resolveTelemetry(settings: Settings, env: Env): Settings {
  const { telemetry } = settings
  if (telemetry === undefined) return settings
  const { traces, metrics } = telemetry
  return {
    ...settings,
    telemetry: {
      ...telemetry,
      ...(traces && { traces: resolved(traces, 'traces', env) }),
      ...(metrics && { metrics: resolved(metrics, 'metrics', env) }),
    },
  }
}

function resolved<R extends OtlpReceiver>(receiver: R, signal: Signal, env: Env): R {
  if (receiver.isNamed) return receiver
  const general = variable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  const endpoint =
    variable(env, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`) ??
    (general === undefined ? undefined : endpointOf(general, signal))
  return endpoint === undefined ? receiver : { ...receiver, endpoint }
}

/** OpenTelemetry takes a variable that is empty for one that is not set. */
function variable(env: Env, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return value === '' ? undefined : value
}
