// Moments on a command line: what is read, which edge of a day it is, and what is no moment.
import { expect, test } from 'vitest'
import { parseMoment } from '../../../src/cli/shared/moments.ts'

const NOW = Date.parse('2026-11-30T15:30:00Z')
const read = (text: string, edge: 'start' | 'end' = 'start') => {
  const moment = parseMoment(text, edge, NOW)
  return moment === undefined ? undefined : new Date(moment).toISOString()
}

test.each([
  ['2h', '2026-11-30T13:30:00.000Z', '2026-11-30T13:30:00.000Z'],
  ['3d', '2026-11-27T15:30:00.000Z', '2026-11-27T15:30:00.000Z'],
  ['today', '2026-11-30T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ['yesterday', '2026-11-29T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
  ['2026-11-28', '2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00.000Z'],
  ['2026-11-28T14:03', '2026-11-28T14:03:00.000Z', '2026-11-28T14:03:00.000Z'],
  ['2026-11-28 14:03:05.25Z', '2026-11-28T14:03:05.250Z', '2026-11-28T14:03:05.250Z'],
  ['2026-11-28t14:03:00+02:00', '2026-11-28T12:03:00.000Z', '2026-11-28T12:03:00.000Z'],
])('%s', (text, start, end) => {
  expect([read(text, 'start'), read(text, 'end')]).toEqual([start, end])
})

test.each([
  'soon',
  '',
  '2026-02-30',
  '2026-13-01',
  '2026-11-28T25:00',
  '2026-11-28T14',
  '5',
  '-2h',
  '28.11.2026',
])('%s is none', (text) => {
  expect(read(text)).toBeUndefined()
})
