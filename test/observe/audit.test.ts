// The audit file as it stands on the disk: whole JSON lines, whatever the kind of sink.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/observe/audit.ts'
import type { Facts } from '../../src/observe/facts.ts'

function factsOf(rule: string): Facts {
  return {
    ...{ id: 'id', route: 'r', httpMethod: 'POST', address: '192.0.2.7', clientRequestId: 'a"}\n{"b' },
    ...{ startedMs: performance.now(), principal: undefined, calls: [], rule, refusal: undefined },
    ...{ status: 200, rpc: 'none', ending: 'complete' },
  }
}

describe('audit lines', () => {
  it.each([true, false])('K05: each is one JSON object of its own, required: %s', (required) => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'))
    const file = join(folder, 'audit.jsonl')
    const audit = createAudit({ file, required, generation: () => 3 })
    expect(audit.admit(factsOf('first'))).toBe(true)
    audit.record(factsOf('first'))
    audit.record(factsOf('second'))
    audit.flush()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    rmSync(folder, { recursive: true })
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(parsed.map(({ stream, event, rule }) => [stream, event, rule])).toEqual([
      ...(required ? [['audit', 'admitted', 'first']] : []),
      ['audit', 'decision', 'first'],
      ['audit', 'decision', 'second'],
    ])
    expect(parsed[0]).toMatchObject({ generation: 3, client_request_id: 'a"}\n{"b' })
    expect(parsed[0]).not.toHaveProperty('level')
  })
})
