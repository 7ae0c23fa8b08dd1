// docs/audit.md and docs/operations.md against what the gateway really writes: the fields of an audit line, and the names of
// the metrics.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import { createAudit } from '../../src/observe/audit.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { requestRecord } from '../support/request-record.ts'
import { blocksOf, tableOf, textOf } from './page.ts'

const CALL: Call = {
  kind: 'request',
  id: '1',
  method: 'tools/call',
  targets: [{ kind: 'tool', name: 'add_note' }],
  taskId: undefined,
  mayCreateTask: false,
  args: () => ({}),
}

/** One more than a line lists. */
const MANY = Array.from({ length: 101 }, (_, index) => `s${index}`)

function factsOf(refusal: Refusal | undefined, calls: readonly Call[] = [CALL]): RequestRecord {
  return requestRecord({
    ...{ address: '192.0.2.7', clientRequestId: 'theirs', calls, rule: 'writing', refusal },
    principal: {
      ...{ issuer: 'https://login.example.com', subject: 'ada', key: 'ada', clientId: 'desk', expiresAt: 1 },
      ...{ scopes: new Set(MANY), roles: MANY, boundKey: undefined, claims: {} },
    },
    policy: { digest: 'd', rolesNamed: new Set(MANY) },
  })
}

const EVERY: readonly RequestRecord[] = [
  factsOf(undefined),
  factsOf(undefined, [CALL, CALL]),
  {
    ...factsOf({
      ...{ reason: 'token_rejected', check: 'audience', detail: 'issued for another audience' },
      ...{ holder: { issuer: 'https://login.example.com', subject: 'ada' }, client: 'desk' },
      audience: { named: ['https://other.example'], wanted: ['https://mcp.example.com/notes/mcp'] },
    }),
    principal: undefined,
  },
  factsOf({ reason: 'scope_missing', challenge: ['a'], missing: ['a'], rule: 'writing' }),
  {
    ...factsOf(undefined),
    faulty: ['writing: no field `path`'],
    answers: [{ rule: 'writing', target: 'add_note', says: 'fault' }],
    would: { reason: 'call_forbidden', rule: 'no-bots', denial: 'http' },
  },
  { ...factsOf(undefined), approval: '0f3a' },
  { ...factsOf(undefined), resent: true, withheld: ['notes://b'] },
]

function auditLines(): Record<string, unknown>[] {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'))
  const file = join(folder, 'audit.jsonl')
  const audit = createAudit({ file, required: true, sharePerCaller: 1, generation: () => 1 })
  for (const record of EVERY) audit.record(record)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  rmSync(folder, { recursive: true })
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the audit line in docs/audit.md', () => {
  const written = new Set(auditLines().flatMap((line) => Object.keys(line)))
  const described = tableOf('docs/audit.md', 'field').flatMap(([names = '']) =>
    names.split(', ').map((name) => name.replaceAll('`', '')),
  )

  /** The page describes it once, for all lists. */
  const LEFT_OUT = '_left_out'

  it('every field that is written is described, and no other (K05)', () => {
    const isOfList = (name: string) => name.endsWith(LEFT_OUT)
    expect([...written].filter((name) => !isOfList(name)).sort()).toEqual([...described].sort())
    for (const name of [...written].filter(isOfList))
      expect(described).toContain(name.slice(0, -LEFT_OUT.length))
    expect(textOf('docs/audit.md')).toContain(`\`…${LEFT_OUT}\``)
  })

  it('the examples are lines of these fields', () => {
    const examples = blocksOf('docs/audit.md').filter(({ words }) => words.includes('audit'))
    expect(examples.length).toBeGreaterThan(0)
    for (const { text } of examples) {
      const line = JSON.parse(text) as Record<string, unknown>
      expect([...written]).toEqual(expect.arrayContaining(Object.keys(line)))
      expect(line['event']).toBe('decision')
    }
  })
})

describe('the metrics in docs/operations.md', () => {
  it('every metric of the gateway is described with its labels, and no other (K07)', async () => {
    const metrics = createMetrics({
      isKnownMethod: () => true,
      isCurrent: () => true,
      audit: {
        failures: 0,
        dropped: { share: 0, full: 0 },
        anchored: { kept: 0, waiting: 0, lost: 0 },
        ocsfLost: { otlp: 0 },
      },
      state: () => ({ name: 'state', ready: true, ageMs: 0, lastError: undefined }),
      spans: { dropped: { share: 0, full: 0, refused: 0 }, away: false },
    })
    metrics.nameTools([{ route: 'notes', tools: ['add_note'] }])
    for (const record of [...EVERY, { ...factsOf(undefined), isStream: true }]) metrics.record(record)
    metrics.stream('notes', 1)
    metrics.reload('applied')
    metrics.drift('notes', 'tool', 'changed')
    metrics.programs.started('notes')
    metrics.programs.gone('notes', 'died')
    metrics.programs.dropped('notes', 'late')
    metrics.event({ event: 'refused', actor: 'unknown', reason: 'invalid_grant' })
    const text = await metrics.text()
    const rows = tableOf('docs/operations.md', 'metric')
    const names = [...text.matchAll(/^# TYPE (portcullis_\w+)/gm)].map((match) => match[1])
    expect(rows.map(([name]) => name).sort()).toEqual(names.sort())
    for (const [name = '', labels = ''] of rows) {
      const sample = new RegExp(`^${name}(?:_count)?(?:\\{([^}]*)\\})? `, 'm').exec(text)
      const found = [...(sample?.[1] ?? '').matchAll(/(\w+)="/g)].map((match) => match[1])
      expect(labels === '' ? [] : labels.replaceAll('`', '').split(', ')).toEqual(found)
    }
  })
})
