// The trace that an upstream is told: the gateway's own where it makes spans.
import { expect, test } from 'vitest'
import type { TraceHeaders } from '../../src/core/trace-context.ts'
import { createHeaderWriter } from '../../src/upstream/identity-headers.ts'

function write(fields: readonly string[], trace: TraceHeaders): string {
  const options = {
    identityPrefix: 'x-mcp-',
    authority: 'a',
    staticHeaders: {},
    assertions: [],
    forwardToken: false,
  }
  return createHeaderWriter(options)({
    ...{
      fields,
      trace,
      principal: undefined,
      requestId: 'id-1',
      sessionId: undefined,
      lastEventId: undefined,
    },
    mirrored: { method: true, name: true, arguments: true },
    ...{ calls: [], body: undefined },
  })
}

test('XTR-01 the span of the gateway takes the place of the client’s, and of the state that came with it', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const fields = [
    'Traceparent',
    `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`,
    'TraceState',
    'x=1',
    'trace-state',
    'y',
  ]
  const lines = write([...fields, 'baggage', 'a=1'], { traceparent, tracestate: undefined })
  const told = lines.split('\r\n').filter((line) => /^(?:trace|baggage)/i.test(line))
  expect(told).toEqual([`traceparent: ${traceparent}`, 'baggage: a=1'])
  const withState = write(fields, { traceparent, tracestate: 'own=1' })
  expect(withState).toContain('\r\ntracestate: own=1\r\n')
  expect(withState).not.toContain('x=1')
})
