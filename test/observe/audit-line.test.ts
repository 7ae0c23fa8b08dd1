// The text of an audit line, whatever stands in an exchange: one JSON object on one line, with every value as it was.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Principal } from '../../src/core/principal.ts'
import { createAuditLine, MAX_AUDIT_LINE_BYTES } from '../../src/observe/audit-line.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { requestRecord } from '../support/request-record.ts'

const lineOf = createAuditLine()
const TIME = '2026-01-15T00:00:00.000Z'
const OUTCOME = { status: 200, rpc: 'result', ending: 'complete', duration: 1.2 }

/** Also what ends strings, lines and documents elsewhere, and halves of characters. */
const anything = fc
  .string({ unit: 'binary', maxLength: 30 })
  .chain((text) => fc.constantFrom(text, `${text}"}\n{"event":"forged"`, `${text}\u2028\ud800\0`))

const factsOf = (parts: Partial<RequestRecord>) =>
  requestRecord({ id: 'id-1', route: 'a', address: '::1', startedMs: 0, rpc: 'none', ...parts })

function call(method: string, names: readonly string[]) {
  const targets = names.map((name) => ({ kind: 'tool', name }) as const)
  const rest = { id: '1', taskId: undefined, mayCreateTask: false, args: () => undefined }
  return { kind: 'request', method, targets, ...rest } as const
}

function principal(issuer: string, subject: string, clientId: string | undefined): Principal {
  const rest = { scopes: new Set<string>(), roles: [], expiresAt: 0, boundKey: undefined, claims: {} }
  return { issuer, subject, key: `${issuer} ${subject}`, clientId, ...rest }
}

test('K05 every value comes back as it was, and nothing else does', () => {
  fc.assert(
    fc.property(fc.tuple(anything, anything, anything, anything, anything, anything), (texts) => {
      const [method, target, subject, client, requested, rule] = texts
      const named = method === '' ? 'request' : method
      const who = principal('https://as.example', subject, client)
      const calls = [call(method, [target])]
      const record = factsOf({ principal: who, calls, clientRequestId: requested, rule })
      const line = lineOf('decision', TIME, record, OUTCOME)
      expect(line).not.toMatch(/[\n\r]/)
      const told = { route: 'a', address: '::1', http_method: 'POST', decision: 'allowed' }
      expect(JSON.parse(line)).toEqual({
        ...{ time: TIME, stream: 'audit', event: 'decision', request_id: 'id-1', generation: 1, ...told },
        ...{ client_request_id: requested, method: named, target },
        ...{ issuer: 'https://as.example', subject, client, scopes: [] },
        ...(rule === '' ? {} : { rule }),
        ...{ status: 200, rpc: 'result', ending: 'complete', duration_ms: 1.2 },
      })
      expect(lineOf('decision', TIME, record, OUTCOME)).toBe(line) // what is remembered of a caller is the same
    }),
  )
})

test('K22 a call that is only admitted has no outcome', () => {
  const line = JSON.parse(lineOf('admitted', TIME, factsOf({ calls: [call('ping', [])] }), undefined))
  expect(Object.keys(line)).not.toContain('status')
  expect(line).toMatchObject({ event: 'admitted', method: 'ping', decision: 'allowed' })
})

test('several targets and several calls are lists', () => {
  const one = JSON.parse(
    lineOf('decision', TIME, factsOf({ calls: [call('subscriptions/listen', ['a', 'b"'])] }), OUTCOME),
  )
  expect(one.target).toEqual(['a', 'b"'])
  const calls = [call('tools/call', ['a']), call('ping', [])]
  const two = JSON.parse(lineOf('decision', TIME, factsOf({ calls }), OUTCOME))
  expect(two.calls).toEqual([{ method: 'tools/call', target: 'a' }, { method: 'ping' }])
})

test('names are cut at 200 characters', () => {
  const long = 'x'.repeat(500)
  const record = factsOf({ calls: [call(long, [long])], clientRequestId: long })
  const line = JSON.parse(lineOf('decision', TIME, record, OUTCOME))
  expect([line.method.length, line.target.length, line.client_request_id.length]).toEqual([200, 200, 200])
})

describe('lists in a line', () => {
  /** Each takes the most room that a name can: six bytes for each character. */
  const many = (length: number) => Array.from({ length }, (_, index) => `${index}`.padEnd(500, '\u0001'))

  test('are cut, and how many more there were is told', () => {
    const refusal = { reason: 'scope_missing', challenge: [], missing: many(101), rule: 'r' } as const
    const answers = many(102).map((target) => ({ rule: 'r', target, says: 'true' }) as const)
    const parts = { refusal, would: refusal, answers, faulty: many(103), withheld: many(104) }
    const calls = [call('subscriptions/listen', many(1_000))]
    const line = JSON.parse(lineOf('decision', TIME, factsOf({ ...parts, calls }), OUTCOME))
    expect(line).toMatchObject({
      ...{ target_left_out: 900, missing_left_out: 1, would: { missing_left_out: 1 } },
      ...{ answers_left_out: 2, faulty_left_out: 3, withheld_left_out: 4 },
    })
    const lists = [line.target, line.missing, line.would.missing, line.faulty, line.withheld]
    for (const list of lists) expect(list).toEqual(many(100).map((name) => name.slice(0, 200)))
    expect(line.answers).toHaveLength(100)
  })

  test('the longest line is one that readers take', () => {
    const refusal = { reason: 'scope_missing', challenge: [], missing: many(1_000), rule: 'r' } as const
    const answers = many(1_000).map((target) => ({ rule: 'r', target, says: 'true' }) as const)
    const calls = many(200).map((method) => call(method, many(1_000)))
    const parts = { calls, refusal, would: refusal, answers, faulty: many(1_000), withheld: many(1_000) }
    const who = { ...principal('i', 'ada', undefined), scopes: new Set(many(1_000)), roles: many(1_000) }
    const policy = { digest: 'abc', rolesNamed: new Set(many(1_000)) }
    const line = lineOf('decision', TIME, factsOf({ ...parts, principal: who, policy }), OUTCOME)
    expect(JSON.parse(line)).toMatchObject({ calls_left_out: 100, scopes_left_out: 900, roles_left_out: 900 })
    expect(Buffer.byteLength(line)).toBeLessThan(MAX_AUDIT_LINE_BYTES)
  })
})

describe('what the policy may ask about a caller', () => {
  const caller = (scopes: readonly string[], roles: readonly string[] | undefined) => ({
    ...principal('i', 'ada', undefined),
    ...{ scopes: new Set(scopes), roles },
  })
  const told = (who: Principal, named: readonly string[]) => {
    const policy = { digest: 'abc', rolesNamed: new Set(named) }
    return JSON.parse(lineOf('decision', TIME, factsOf({ principal: who, policy }), OUTCOME))
  }

  test('granted scopes, sorted, and of the roles those that the policy names', () => {
    expect(told(caller(['b', 'a'], ['secret-project', 'admin']), ['admin', 'root'])).toMatchObject({
      ...{ policy: 'abc', scopes: ['a', 'b'], roles: ['admin'] },
    })
  })

  test('no roles where the policy names none, or the token has no claim for them', () => {
    expect(told(caller([], ['admin']), [])).not.toHaveProperty('roles')
    expect(told(caller([], undefined), ['admin'])).not.toHaveProperty('roles')
  })

  test('another policy asks for other roles of the same caller', () => {
    const who = caller([], ['admin', 'root'])
    expect([told(who, ['admin']).roles, told(who, ['root']).roles]).toEqual([['admin'], ['root']])
  })

  test('many scopes are cut, and how many is told', () => {
    const many = Array.from({ length: 130 }, (_, index) => `s${index}`)
    const line = told(caller(many, undefined), [])
    expect([line.scopes.length, line.scopes_left_out]).toEqual([100, 30])
  })
})

test('answers of rules have their target where there are several', () => {
  const answers = [{ rule: 'small', target: 'a', says: 'false' }] as const
  const one = JSON.parse(
    lineOf('decision', TIME, factsOf({ answers, calls: [call('tools/call', ['a'])] }), OUTCOME),
  )
  expect(one.answers).toEqual([{ rule: 'small', says: 'false' }])
  const calls = [call('tools/call', ['a']), call('tools/call', ['b'])]
  const two = JSON.parse(lineOf('decision', TIME, factsOf({ answers, calls }), OUTCOME))
  expect(two.answers).toEqual(answers)
})
