// What the gateway writes as OCSF fits the schema (1.8.0): requests however they end, and everything that is told beside them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/core/audit-event.ts'
import type { Call } from '../../../src/core/call.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { ocsfOfAuditEvent } from '../../../src/observe/ocsf/audit-event.ts'
import { requestEvent } from '../../../src/observe/ocsf/request-event.ts'
import type { RequestRecord } from '../../../src/observe/request-record.ts'
import { requestRecord } from '../../support/request-record.ts'
import { SCHEMA, schemaFaults } from './schema.ts'

const NOW = Date.parse('2026-12-01T09:00:00.123Z')
const plain = (event: object) => JSON.parse(JSON.stringify(event)) as Record<string, unknown>

function callOf(method: string, name?: string): Call {
  const targets = name === undefined ? [] : [{ kind: 'tool', name } as const]
  return {
    kind: 'request',
    id: '1',
    method,
    targets,
    taskId: undefined,
    mayCreateTask: false,
    args: () => ({}),
  }
}

const PRINCIPAL: Principal = {
  ...{
    issuer: 'https://as.example',
    subject: 'ada',
    key: 'https://as.example ada',
    clientId: 'desk',
    expiresAt: 1,
  },
  ...{ scopes: new Set<string>(), roles: [], boundKey: undefined, claims: { secret: 'claim-value' } },
}

function recordOf(parts: Partial<RequestRecord>): RequestRecord {
  const calls = [callOf('tools/call', 'add_note')]
  const usual = { id: 'id-1', generation: 3, address: '192.0.2.7', principal: PRINCIPAL, rule: 'writing' }
  return requestRecord({ ...usual, calls, ...parts })
}

test('the schema is of the version that events name', () => {
  expect(SCHEMA.version).toBe('1.8.0')
})

test.each<readonly [string, Partial<RequestRecord>, object]>([
  [
    'an allowed call',
    {},
    { activity_id: 99, activity_name: 'tools/call', status: 'Success', action: 'Allowed' },
  ],
  ['a list', { calls: [callOf('tools/list')] }, { activity_id: 2, type_uid: 600302 }],
  [
    'a tool that failed',
    { rpc: 'tool_error' },
    { status: 'Failure', status_code: 'tool_error', action: 'Allowed' },
  ],
  [
    'a refusal',
    { refusal: { reason: 'scope_missing', challenge: ['a'], missing: ['a'], rule: 'writing' }, status: 403 },
    { severity_id: 2, action_id: 2, status_code: 'scope_missing', policy: { name: 'writing' } },
  ],
  [
    'nobody proved',
    {
      principal: undefined,
      calls: [],
      rule: '',
      status: 401,
      refusal: { reason: 'token_missing' } as never,
      address: '2001:db8::7',
    },
    { actor: { invoked_by: 'a caller without a proved token' }, api: { operation: 'POST' } },
  ],
  [
    'a call that an approval held back, by which policy',
    { policy: { digest: 'd1', rolesNamed: new Set() }, approval: 'a1' },
    { policy: { name: 'writing', uid: 'd1' }, unmapped: { approval: 'a1' } },
  ],
  [
    'a genuine token of another audience',
    {
      ...{ principal: undefined, rule: '', status: 401 },
      refusal: {
        ...{ reason: 'token_rejected', check: 'audience', detail: 'issued for another audience' },
        ...{ client: 'desk', holder: { issuer: 'https://as.example', subject: 'ada' } },
        audience: { named: ['https://other.example'], wanted: ['https://mcp.example'] },
      },
    },
    {
      actor: { user: { uid: 'ada' }, idp: { uid: 'https://as.example' }, app_uid: 'desk' },
      unmapped: { check: 'audience', audience: ['https://other.example'] },
    },
  ],
  ['a batch', { calls: [callOf('tools/call', 'a'), callOf('ping')] }, { activity_name: 'batch' }],
  ['a subject without a client', { principal: { ...PRINCIPAL, clientId: undefined } }, {}],
  ['a method of no name', { calls: [{ ...callOf(''), kind: 'response' }] }, { activity_name: 'response' }],
])('%s', (_name, parts, expected) => {
  const event = plain(requestEvent(recordOf(parts), NOW))
  expect(schemaFaults(event)).toEqual([])
  expect(event).toMatchObject({ class_uid: 6003, time: NOW, metadata: { uid: 'id-1' }, ...expected })
  expect(JSON.stringify(event)).not.toContain('claim-value')
})

/** Every event that the audit is told, by the sources. */
const NAMES = [
  ...readFileSync(new URL('../../../src/as/events.ts', import.meta.url), 'utf8').matchAll(
    /^ {2}\| '(\w+)'/gm,
  ),
].map(([, name]) => name as string)

/** Those of other parts. */
const OTHERS = [
  ...[
    'policy_loaded',
    'policy_changed',
    'manifest_drift',
    'worker_died',
    'refusals_counted',
    'approval_requested',
  ],
  ...['approval_refused', 'operator_sign_in', 'operator_sign_in_refused', 'operator_signed_out'],
]
const FAILED = /_refused$|^refused$|_reused$|_replayed$|_died$|^refusals_counted$/

test.each([...NAMES, ...OTHERS])('the event %s', (name) => {
  const told: AuditEvent = {
    event: name,
    actor: 'operator ada',
    subject: 'ben',
    client: 'desk',
    grant: 'g1',
    reason: 'access_denied',
  }
  for (const more of [{}, { address: '192.0.2.7', requestId: 'id-2', endpoint: '/token' }]) {
    const event = plain(ocsfOfAuditEvent({ ...told, ...more }, NOW))
    expect(schemaFaults(event)).toEqual([])
    expect(event['class_uid']).toBe(/^(?:operator_)?sign/.test(name) ? 3002 : 6003)
    const [status, severity] = FAILED.test(name) ? ['Failure', 2] : ['Success', 1]
    expect(event).toMatchObject({ status, severity_id: severity })
  }
  expect(schemaFaults(plain(ocsfOfAuditEvent({ event: name, actor: 'server' }, NOW)))).toEqual([])
})

test.each(['client_removed', 'operator_sign_in'])(
  'who an operator is, and what a change was of: %s',
  (event) => {
    const digests = { cause: 'admin', before: 'd1', after: 'd2' } as const
    const told: AuditEvent = { event, actor: 'operator ada', issuer: 'https://as.example', ...digests }
    const written = plain(ocsfOfAuditEvent(told, NOW))
    expect(schemaFaults(written)).toEqual([])
    expect(written).toMatchObject({ actor: { idp: { uid: 'https://as.example' } } })
    if (event === 'client_removed') expect(written).toMatchObject({ unmapped: digests })
  },
)

test('the schema finds what does not fit', () => {
  const event = plain(requestEvent(recordOf({}), NOW))
  expect(schemaFaults({ ...event, strange: 1 })).toEqual(['strange: no such attribute'])
  expect(schemaFaults({ ...event, actor: undefined })).toEqual(['actor: missing'])
  expect(schemaFaults({ ...event, severity_id: 7 })).toEqual(['severity_id: 7 is not in the enumeration'])
  expect(schemaFaults({ ...event, actor: {} }).join()).toContain('needs one of')
  expect(schemaFaults({ ...event, src_endpoint: { ip: 'here' } })).toEqual(['src_endpoint.ip: no address'])
})
