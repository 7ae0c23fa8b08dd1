// Who sends telemetry: the attributes of this service, from the file and from the variables of OpenTelemetry
// (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`).
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import type { TelemetrySettings } from '../../core/settings-telemetry.ts'

/** @param instance tells this process from others of the service */
export function serviceResource({ serviceName }: Pick<TelemetrySettings, 'serviceName'>, instance: string) {
  const named = serviceName === undefined ? {} : { 'service.name': serviceName }
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'portcullis', 'service.instance.id': instance }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(named))
}
