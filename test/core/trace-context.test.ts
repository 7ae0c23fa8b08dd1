// W3C Trace Context as it is read from a stranger.
import { expect, test } from 'vitest'
import { readRemoteSpan, remoteSpanOf } from '../../src/core/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const SENT = `00-${TRACE}-${SPAN}-01`

test('a traceparent has a trace id and a span id; with it comes the tracestate', () => {
  const span = { traceId: TRACE, spanId: SPAN }
  expect(readRemoteSpan(SENT, undefined)).toEqual({ ...span, state: undefined })
  expect(readRemoteSpan(SENT.replace(/^00/, 'cc'), 'a=1,b=2')).toEqual({ ...span, state: 'a=1,b=2' })
})

test.each([
  undefined,
  '',
  SENT.toUpperCase(),
  SENT.replace(/^00/, 'ff'),
  SENT.replace(TRACE, '0'.repeat(32)),
  SENT.replace(SPAN, '0'.repeat(16)),
  `${SENT}-more`,
  ` ${SENT}`,
  SENT.slice(0, -1),
])('XTR-02 %j is none', (traceparent) => {
  expect(readRemoteSpan(traceparent, 'a=1')).toBeUndefined()
})

test.each([
  ['512 characters', `a=${'x'.repeat(510)}`, true],
  ['513 characters', `a=${'x'.repeat(511)}`, false],
  ['32 members', Array(32).fill('a=1').join(','), true],
  ['33 members', Array(33).fill('a=1').join(','), false],
  ['an end of the line', 'a=1\r\nx: y', false],
  ['no text', '', false],
])('a tracestate of %s', (_what, state, isKept) => {
  expect(readRemoteSpan(SENT, state)?.state).toBe(isKept ? state : undefined)
})

test('of headers: one traceparent, and all tracestates as one (§3.3.1)', () => {
  expect(remoteSpanOf(['Traceparent', SENT, 'tracestate', 'a=1', 'TraceState', 'b=2'])?.state).toBe('a=1,b=2')
  expect(remoteSpanOf(['traceparent', SENT, 'traceparent', SENT])).toBeUndefined()
  expect(remoteSpanOf(['tracestate', 'a=1'])).toBeUndefined()
})
