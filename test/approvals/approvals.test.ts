// Places of approvals: who has none left gets those whose time is over, and what a former key has sealed takes none for long.
import { expect, test } from 'vitest'
import { createApprovals } from '../../src/approvals/approvals.ts'
import type { AuditEvent } from '../../src/core/audit-event.ts'
import type { Bounds } from '../../src/core/shares.ts'
import { createRecordsInMemory } from '../../src/gateway/records-in-memory.ts'

const MINUTE_MS = 60_000
const ASKED = { requestId: 'r1', address: '192.0.2.1' }

function setUp(bounds: Bounds) {
  let now = Date.now()
  let looks = 0
  const events: AuditEvent[] = []
  const kept = createRecordsInMemory({ ...bounds, forMs: 1_000 * MINUTE_MS })
  const records = {
    ...kept,
    list() {
      looks += 1
      return kept.list()
    },
  }
  const withKey = (byte: number) =>
    createApprovals({
      records,
      secret: Buffer.alloc(32, byte),
      times: () => ({ decideMs: MINUTE_MS, useMs: MINUTE_MS }),
      now: () => now,
      tell: (event) => events.push(event),
    })
  return {
    ...{ withKey, events },
    kept: () => kept.list().length,
    looks: () => looks,
    later(ms: number) {
      now += ms
    },
  }
}

const callOf = (subject: string, tool: string) => ({
  ...{ route: 'a', issuer: 'https://as.example', subject, client: 'c', tool, params: '{}' },
  ...{ policy: 'p', manifest: '', rules: ['pay'] },
})

test.each([
  ['a share', { size: 10, share: 1 }, 'bob'],
  ['the whole', { size: 1, share: 1 }, 'eve'],
])('%s that is full has room again as soon as a time is over', async (_what, bounds, subject) => {
  const { withKey, events, later } = setUp(bounds)
  const approvals = withKey(1)
  await approvals.seek(callOf('bob', 'one'), ASKED)
  expect((await approvals.seek(callOf(subject, 'two'), ASKED)).state).toMatch(/share|full/)
  later(MINUTE_MS)
  expect((await approvals.seek(callOf(subject, 'two'), ASKED)).state).toBe('waiting')
  expect(events.map(({ event }) => event)).toEqual([
    'approval_requested',
    'approval_expired',
    'approval_requested',
  ])
})

test('who asks again and again makes it look for room once', async () => {
  const { withKey, looks } = setUp({ size: 10, share: 1 })
  const approvals = withKey(1)
  for (const tool of ['one', 'two', 'three', 'four']) await approvals.seek(callOf('bob', tool), ASKED)
  expect(looks()).toBe(1)
})

test('what a former key has sealed is dropped, and what waits stays', async () => {
  const { withKey, kept, later } = setUp({ size: 10, share: 5 })
  await withKey(1).seek(callOf('bob', 'one'), ASKED)
  const approvals = withKey(2)
  await approvals.seek(callOf('bob', 'two'), ASKED)
  await approvals.sweep()
  expect([kept(), await approvals.list()]).toMatchObject([1, [{ call: { tool: 'two' } }]])
  later(MINUTE_MS)
  await approvals.sweep()
  expect(kept()).toBe(0)
})
