// Who sends telemetry: the file before the variables of OpenTelemetry, and these before our own words.
import { afterEach, expect, test, vi } from 'vitest'
import { serviceResource } from '../../src/observe/otel/service-resource.ts'

afterEach(() => vi.unstubAllEnvs())

const NAME = 'OTEL_SERVICE_NAME'
const ATTRIBUTES = 'OTEL_RESOURCE_ATTRIBUTES'

test.each<[string, string | undefined, Record<string, string>, string]>([
  ['nobody', undefined, {}, 'portcullis'],
  ['the attributes', undefined, { [ATTRIBUTES]: 'service.name=a' }, 'a'],
  ['its variable', undefined, { [ATTRIBUTES]: 'service.name=a', [NAME]: 'b' }, 'b'],
  ['the file', 'c', { [ATTRIBUTES]: 'service.name=a', [NAME]: 'b' }, 'c'],
])('the service is named by %s', (_who, serviceName, env, name) => {
  for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value)
  expect(serviceResource({ serviceName }, 'i').attributes['service.name']).toBe(name)
})

test('other attributes go along, beside the instance', () => {
  vi.stubEnv(ATTRIBUTES, 'deployment.environment.name=prod')
  expect(serviceResource({ serviceName: undefined }, 'i').attributes).toMatchObject({
    'deployment.environment.name': 'prod',
    'service.instance.id': 'i',
  })
})
