// Lines of refusals: so many from one network, the rest told as a number.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/core/audit-event.ts'
import { createRefusalLines, type RefusalLines } from '../../src/observe/refusal-lines.ts'

let now: number
let written: AuditEvent[]
let lines: RefusalLines
beforeEach(() => {
  now = 0
  written = []
  lines = createRefusalLines({ write: (event) => void written.push(event), now: () => now })
})
afterEach(() => lines.close())

function refuse(times: number, address: string, event = 'refused'): void {
  for (let count = 0; count < times; count += 1) lines.tell({ event, actor: 'unknown', address })
}

const counted = () => written.filter(({ event }) => event === 'refusals_counted').map(({ detail }) => detail)

test('60 are written, and what came beyond them is told when the minute is over', () => {
  refuse(100, '192.0.2.1')
  expect([written.length, counted()]).toEqual([60, []])
  now = 60_000
  lines.settle()
  expect(counted()).toEqual(['40 more refusals within a minute, from 192.0.2.1'])
  refuse(1, '192.0.2.1')
  expect(written).toHaveLength(62)
})

test('it is told at the next refusal too, and at the end', () => {
  refuse(61, '192.0.2.1')
  now = 61_000
  refuse(62, '192.0.2.1')
  expect(counted()).toEqual(['1 more refusals within a minute, from 192.0.2.1'])
  lines.close()
  expect(counted()).toHaveLength(2)
})

test('each network has its own, and an IPv6 network is a /64', () => {
  refuse(60, '2001:db8::1')
  refuse(60, '2001:db8::2')
  refuse(60, '192.0.2.1', 'sign_in_refused')
  expect(written).toHaveLength(120)
})

test('what is no refusal is always written', () => {
  refuse(100, '192.0.2.1')
  for (let count = 0; count < 100; count += 1)
    lines.tell({ event: 'client_registered', actor: 'x', address: '192.0.2.1' })
  expect(written).toHaveLength(160)
})

test('of more networks than are kept, the oldest is told early', () => {
  refuse(61, '192.0.2.1')
  for (let host = 0; host < 10_000; host += 1) refuse(1, `10.0.${host >> 8}.${host & 255}`)
  expect(counted()).toEqual(['1 more refusals within a minute, from 192.0.2.1'])
})
