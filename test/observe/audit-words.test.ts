// A line of the audit in words: what was there and what was wanted, and nothing made up where a line lacks something.
import { expect, test } from 'vitest'
import { auditEntry } from '../../src/observe/audit-words.ts'

const CALL = {
  ...{ stream: 'audit', event: 'decision', request_id: 'id-1', route: 'notes', address: '192.0.2.7' },
  ...{ http_method: 'POST', method: 'tools/call', target: 'purge_note', issuer: 'i', subject: 'ada' },
  ...{ client: 'desk', decision: 'allowed', rpc: 'result', ending: 'complete' },
}
const refused = (members: object) => ({ ...CALL, decision: 'refused', ...members })
const told = (line: object) => auditEntry(line as Record<string, unknown>)

test('who, with which client, where, what, how, and under which id', () => {
  expect(told(CALL)).toEqual({
    ...{ kind: 'call', who: 'ada', client: 'desk', route: 'notes', what: 'purge_note', outcome: 'allowed' },
    requestId: 'id-1',
  })
})

test.each([
  [
    'a scope that is missing',
    refused({ reason: 'scope_missing', missing: ['notes:admin'], scopes: ['notes:read'], rule: 'purge' }),
    'refused: needs notes:admin (granted: notes:read)',
  ],
  [
    'the same, of a caller who was granted nothing',
    refused({ reason: 'scope_missing', missing: ['notes:admin'], scopes: [] }),
    'refused: needs notes:admin (granted: nothing)',
  ],
  [
    'the same, written by a version that did not say what was granted',
    refused({ reason: 'scope_missing', missing: ['notes:admin'] }),
    'refused: needs notes:admin',
  ],
  [
    'another audience',
    refused({
      ...{ reason: 'token_rejected', check: 'audience', detail: 'issued for another audience' },
      ...{ audience: ['https://other.example'], audience_wanted: ['https://mcp.example/notes/mcp'] },
    }),
    'refused: the token does not count: it is for another server (it is for https://other.example; this route wants https://mcp.example/notes/mcp)',
  ],
  [
    'a token that has expired',
    refused({ reason: 'token_rejected', check: 'expiry', detail: 'expired' }),
    'refused: the token does not count: it has expired (expired)',
  ],
  [
    'a deny rule',
    refused({ reason: 'call_forbidden', rule: 'no-purge' }),
    'refused: rule no-purge denies it',
  ],
  ['no rule', refused({ reason: 'call_forbidden', rule: 'default' }), 'refused: no rule allows it'],
  [
    'a rate',
    refused({ reason: 'rate_limited', detail: 'per_subject' }),
    'refused: too many requests (per_subject)',
  ],
  [
    'a server that is away',
    refused({ reason: 'upstream_unreachable', detail: 'ECONNREFUSED' }),
    'failed: the server cannot be reached (ECONNREFUSED)',
  ],
  ['a reason of a later version', refused({ reason: 'moon_phase' }), 'refused: moon_phase'],
  ['no reason at all', refused({}), 'refused: no reason is told'],
  ['a tool that failed', { ...CALL, rpc: 'tool_error' }, 'allowed, the tool failed'],
  ['a client that left', { ...CALL, ending: 'client_closed' }, 'allowed, the client left before the answer'],
  [
    'what is only observed',
    { ...CALL, would: { reason: 'call_forbidden', rule: 'no-purge' } },
    'allowed; to enforce the policy: refused: rule no-purge denies it',
  ],
  ['an admission', { ...CALL, event: 'admitted' }, 'admitted: its end is another line'],
  [
    'an event with words of its own',
    { event: 'consent', actor: 'ada', subject: 'ada', detail: 'notes:read' },
    'agreed to notes:read',
  ],
  ['any other event', { event: 'secret_rotated', actor: 'operator olga', client: 'desk' }, 'secret rotated'],
  [
    'any other event, with a reason',
    { event: 'x_refused', actor: 'ada', reason: 'no', detail: 'd' },
    'x refused: no, d',
  ],
])('%s', (_what, line, words) => {
  expect(told(line).outcome).toBe(words)
})

test.each([
  ['an address where nobody was proved', refused({ subject: undefined }), '192.0.2.7'],
  ['who did it, of an event', { event: 'secret_rotated', actor: 'operator olga' }, 'operator olga'],
])('who: %s', (_what, line, who) => {
  expect(told(line).who).toBe(who)
})

test.each([
  [
    'a batch',
    { ...CALL, method: undefined, calls: [{ method: 'tools/call', target: 'a' }, { method: 'ping' }] },
    'a and 1 more',
  ],
  [
    'several targets',
    { ...CALL, method: 'subscriptions/listen', target: ['a', 'b'] },
    'subscriptions/listen a and 1 more',
  ],
  ['nothing that was read', refused({ method: undefined, target: undefined, calls: [] }), 'POST'],
  ['a prompt', { ...CALL, method: 'prompts/get', target: 'p' }, 'prompt p'],
])('what: %s', (_what, line, what) => {
  expect(told(line).what).toBe(what)
})
