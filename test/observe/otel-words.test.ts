// The words of spans against the conventions that OpenTelemetry publishes (@opentelemetry/semantic-conventions 1.45.0).
import * as published from '@opentelemetry/semantic-conventions/incubating'
import { expect, test } from 'vitest'
import { CONVENTIONS } from '../../src/observe/otel/attributes.ts'
import { CALLER_CONVENTIONS } from '../../src/observe/otel/caller-attributes.ts'

const names = new Set(
  Object.entries(published).flatMap(([key, value]) => (key.startsWith('ATTR_') ? [String(value)] : [])),
)

test.each(Object.values({ ...CONVENTIONS, ...CALLER_CONVENTIONS }))('%s is one of them', (name) => {
  expect(names).toContain(name)
})
