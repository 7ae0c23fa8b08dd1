// One syslog message: its header, its length in octets, and text that is no ASCII.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SYSLOG_SEVERITY, syslogFrame, syslogHostname } from '../../../src/observe/syslog/frame.ts'

const TIME = Date.parse('2026-12-01T09:00:00.123Z')
const frameOf = (json: string) =>
  syslogFrame(
    { severity: SYSLOG_SEVERITY.warning, time: TIME, kind: 'api_activity', json },
    'gate.example',
    42,
  )

test('RFC 5424: header and message, behind their length', () => {
  const text = '<108>1 2026-12-01T09:00:00.123Z gate.example portcullis 42 api_activity - {"a":1}'
  expect(frameOf('{"a":1}')).toBe(`${text.length} ${text}`)
})

test('RFC 5425: the length is in octets, and the JSON is the same, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const frame = frameOf(JSON.stringify({ value }))
      const [length = ''] = frame.split(' ', 1)
      const message = frame.slice(length.length + 1)
      expect(Buffer.byteLength(message)).toBe(Number(length))
      expect(message).toMatch(/^[\x20-\x7e]+$/)
      expect(JSON.parse(message.slice(message.indexOf('{')))).toEqual({ value })
    }),
  )
})

test('a host name that syslog has no place for is left out', () => {
  expect([syslogHostname('gate-1.example'), syslogHostname('gate 1'), syslogHostname('')]).toEqual([
    'gate-1.example',
    '-',
    '-',
  ])
})
