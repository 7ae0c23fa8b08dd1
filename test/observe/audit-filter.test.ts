// Which lines of the audit fit what somebody looks for.
import { expect, test } from 'vitest'
import { type AuditFilter, fitsFilter } from '../../src/observe/audit-filter.ts'

const AT = 1_000
const LINE = {
  ...{ event: 'decision', decision: 'refused', reason: 'token_rejected', check: 'audience', route: 'notes' },
  ...{ subject: 'ada', client: 'desk', method: 'tools/call', target: 'add_note' },
  ...{ request_id: 'ours', client_request_id: 'theirs' },
}
const fits = (filter: AuditFilter, line: object = LINE) => fitsFilter(line as typeof LINE, AT, filter)

test.each<[string, AuditFilter, AuditFilter]>([
  ['since', { since: 1_000 }, { since: 1_001 }],
  ['until, which is exclusive', { until: 1_001 }, { until: 1_000 }],
  ['a person, exactly', { user: 'ada' }, { user: 'ad' }],
  ['a client', { client: 'desk' }, { client: 'Desk' }],
  ['a tool', { tool: 'add_note' }, { tool: 'add' }],
  ['a route', { route: 'notes' }, { route: 'other' }],
  ['a decision', { decision: 'refused' }, { decision: 'allowed' }],
  ['a reason', { reason: 'token_rejected' }, { reason: 'scope_missing' }],
  ['the check of a token', { reason: 'audience' }, { reason: 'expiry' }],
  ['our request id', { requestId: 'ours' }, { requestId: 'our' }],
  ['the request id of the client', { requestId: 'theirs' }, { requestId: 'x' }],
  ['everything together', { user: 'ada', tool: 'add_note', since: 0 }, { user: 'ada', tool: 'x', since: 0 }],
])('%s', (_what, fitting, other) => {
  expect([fits(fitting), fits(other), fits({})]).toEqual([true, false, true])
})

test('a tool in a batch, and no resource of its name', () => {
  const batch = {
    ...LINE,
    method: undefined,
    calls: [{ method: 'ping' }, { method: 'tools/call', target: 'x' }],
  }
  expect([
    fits({ tool: 'x' }, batch),
    fits({ tool: 'add_note' }, { ...LINE, method: 'resources/read' }),
  ]).toEqual([...[true, false]])
})

test('an event has a person as its actor, and no decision', () => {
  const event = { event: 'secret_rotated', actor: 'operator ada' }
  expect([fits({ user: 'operator ada' }, event), fits({ decision: 'allowed' }, event)]).toEqual([true, false])
})
