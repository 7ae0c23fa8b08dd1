// What a person who watches is told: which requests, in which words, under which names, and no more than can be read.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../src/core/audit-event.ts'
import type { Call } from '../../src/core/call.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import { type AccessEntry, accessOutcome } from '../../src/observe/access-entry.ts'
import { accessEvent } from '../../src/observe/access-events.ts'
import { createAccessLog, type DisplayNames } from '../../src/observe/access-log.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { requestRecord } from '../support/request-record.ts'

function call(method: string, ...names: string[]): Call {
  const targets = names.map((name) => ({ kind: 'tool' as const, name }))
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

function principal(subject: string, clientId?: string): Principal {
  const rest = { scopes: new Set<string>(), roles: [], expiresAt: 0, boundKey: undefined, claims: {} }
  return { issuer: 'https://as.example', subject, key: `https://as.example ${subject}`, clientId, ...rest }
}

const ECHO = call('tools/call', 'echo')
const SCOPES: Refusal = { reason: 'scope_missing', challenge: ['a', 'b'], missing: ['b', 'c'], rule: 'r' }

describe('which requests, in which words', () => {
  test.each<[string, Partial<RequestRecord>, string | undefined]>([
    ['a call', { calls: [ECHO] }, 'call | echo | allowed'],
    ['a prompt', { calls: [call('prompts/get', 'hi')] }, 'call | prompt hi | allowed'],
    ['a resource', { calls: [call('resources/read', 'notes://1')] }, 'call | notes://1 | allowed'],
    ['a skill', { calls: [call('skills/get', 'skill://a')] }, 'call | skills/get skill://a | allowed'],
    ['a list', { calls: [call('tools/list')] }, 'quiet | tools/list | allowed'],
    [
      'a subscription',
      { calls: [call('resources/subscribe', 'n://1')] },
      'quiet | resources/subscribe n://1 | allowed',
    ],
    ['a method of the server', { calls: [call('notes/sync')] }, 'quiet | notes/sync | allowed'],
    ['a handshake', { calls: [call('initialize')] }, undefined],
    ['a ping', { calls: [call('ping')] }, undefined],
    ['a completion', { calls: [call('completion/complete', 'a')] }, undefined],
    [
      'a notification',
      { calls: [{ ...call('notifications/initialized'), kind: 'notification' }] },
      undefined,
    ],
    ['a response', { calls: [{ ...call(''), kind: 'response' }] }, undefined],
    ['a stream', { httpMethod: 'GET', isStream: true }, undefined],
    ['a batch', { calls: [call('ping'), call('tools/list'), ECHO] }, 'call | echo and 2 more | allowed'],
    ['several targets', { calls: [call('x/y', 'a', 'b', 'c')] }, 'quiet | x/y a and 2 more | allowed'],
    ['a failed tool', { calls: [ECHO], rpc: 'tool_error' }, 'call | echo | allowed, the tool failed'],
    ['an error', { calls: [ECHO], rpc: 'error' }, 'call | echo | allowed, the server answered with an error'],
    [
      'a client that left',
      { calls: [ECHO], ending: 'client_closed' },
      'call | echo | allowed, the client left before the answer',
    ],
    [
      'observed',
      { calls: [ECHO], would: SCOPES },
      'call | echo | allowed; to enforce the policy: refused: needs b c',
    ],
    ['refused', { calls: [ECHO], refusal: SCOPES }, 'refused | echo | refused: needs b c'],
    [
      'a refused handshake',
      { calls: [call('initialize')], refusal: { reason: 'session_unknown', detail: 'x' } },
      'refused | initialize | refused: no such session',
    ],
    [
      'nothing read',
      { refusal: { reason: 'token_missing', detail: 'x' } },
      'refused | POST | refused: no token, asked to sign in',
    ],
    [
      'a server that is away',
      { calls: [ECHO], refusal: { reason: 'upstream_unreachable', detail: 'ECONNREFUSED' } },
      'refused | echo | failed: the server cannot be reached',
    ],
  ])('%s', (_, over, told) => {
    const outcome = accessOutcome(requestRecord(over))
    expect(outcome && `${outcome.kind} | ${outcome.what} | ${outcome.outcome}`).toBe(told)
  })

  test.each<[Refusal, string]>([
    [
      { reason: 'token_rejected', check: 'expiry', detail: 'x' },
      'refused: the token does not count: it has expired',
    ],
    [{ reason: 'call_forbidden', rule: 'default', denial: 'http' }, 'refused: no rule allows it'],
    [{ reason: 'call_forbidden', rule: 'no-export', denial: 'http' }, 'refused: rule no-export denies it'],
    [
      { reason: 'call_forbidden', rule: 'unsafe_uri', denial: 'http' },
      'refused: its URI has another spelling',
    ],
    [
      { reason: 'rate_limited', limit: 'per_subject', retryAfterSeconds: 1 },
      'refused: too many requests (per_subject)',
    ],
    [
      { reason: 'origin_forbidden', origin: 'https://evil.example' },
      'refused: pages of https://evil.example may not call',
    ],
    [
      { reason: 'dpop_rejected', error: 'use_dpop_nonce', detail: 'x', nonce: 'SECRET' },
      'refused: its proof needs a nonce, which it was given',
    ],
    [{ reason: 'upstream_timeout', detail: 'x' }, 'failed: the server did not answer in time'],
  ])('%o', (refusal, words) => {
    expect(accessOutcome(requestRecord({ refusal }))?.outcome).toBe(words)
  })

  test.each<[AuditEvent, string | undefined]>([
    [{ event: 'sign_in', actor: 'ada', subject: 'ada' }, 'event |  | signed in'],
    [{ event: 'sign_in', actor: 'g:1', detail: 'google' }, 'event |  | signed in (google)'],
    [{ event: 'consent', actor: 'ada', detail: 'mcp:use' }, 'event |  | agreed to mcp:use'],
    [{ event: 'sign_in_refused', actor: 'unknown', detail: 'wrong' }, 'refused |  | sign-in refused: wrong'],
    [
      { event: 'refused', actor: 'unknown', endpoint: '/token', reason: 'invalid_grant' },
      'refused | /token | refused: invalid_grant',
    ],
    [{ event: 'key_rotated', actor: 'server' }, undefined],
  ])('%o', (event, told) => {
    const outcome = accessEvent(event)
    expect(outcome && `${outcome.kind} | ${outcome.what} | ${outcome.outcome}`).toBe(told)
  })
})

const NOBODY: DisplayNames = { person: () => undefined, client: () => undefined }

function watched(names: Partial<DisplayNames> = {}, sharePerCaller = 0.25) {
  const entries: AccessEntry[] = []
  const missed: number[] = []
  const output = {
    entry: (entry: AccessEntry) => void entries.push(entry),
    missed: (count: number) => void missed.push(count),
  }
  const log = createAccessLog({ names: { ...NOBODY, ...names }, output, sharePerCaller })
  return {
    log,
    entries,
    missed,
    lines: () => entries.map(({ who, client, what }) => `${who} ${client} ${what}`),
  }
}

describe('names', () => {
  test('of people and clients; their ids where nobody knows better, an address where there is nobody', async () => {
    const { log, lines } = watched({
      person: (issuer, subject) =>
        issuer === 'https://as.example' && subject === 'g:1' ? 'Ada (google)' : undefined,
      client: async (_, id) => (id === 'c1' ? 'Claude Code' : undefined),
    })
    log.record(requestRecord({ principal: principal('g:1', 'c1'), calls: [ECHO] }))
    log.record(requestRecord({ principal: principal('ada', 'c2'), calls: [ECHO] }))
    log.record(requestRecord({ principal: principal('ada'), calls: [ECHO] }))
    log.record(requestRecord({ refusal: { reason: 'token_missing', detail: 'x' } }))
    log.event({ event: 'client_registered', actor: 'client c1', client: 'c1', address: '192.0.2.9' })
    log.event({ event: 'manifest_drift', actor: 'upstream of notes', detail: 'tool added (x)' })
    await log.close()
    expect(lines()).toEqual([
      'Ada (google) Claude Code echo',
      'ada c2 echo',
      'ada  echo',
      '192.0.2.1  POST',
      '192.0.2.9 Claude Code ',
      'upstream of notes  ',
    ])
  })

  test('a token that did not count names its client by its id: who made it is not proved', async () => {
    const { log, lines } = watched({ client: (issuer) => (issuer === undefined ? 'ours' : undefined) })
    const refusal: Refusal = { reason: 'token_rejected', check: 'audience', detail: 'x', client: 'c1' }
    log.record(requestRecord({ refusal }))
    await log.close()
    expect(lines()).toEqual(['192.0.2.1 c1 POST'])
  })

  test('each is asked for once a minute; one that cannot be had is an id', async () => {
    let asked = 0
    const { log, lines } = watched({
      person() {
        asked += 1
        throw new Error('the store is away')
      },
    })
    for (let nth = 0; nth < 3; nth += 1)
      log.record(requestRecord({ principal: principal('ada'), calls: [ECHO] }))
    await log.close()
    expect([asked, lines()]).toEqual([1, ['ada  echo', 'ada  echo', 'ada  echo']])
  })
})

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a name that does not come holds no entry for long, and the order stays', async () => {
    const late = Promise.withResolvers<string>()
    const { log, lines } = watched({
      person: (_, subject) => (subject === 'slow' ? late.promise : undefined),
    })
    log.record(requestRecord({ principal: principal('slow'), calls: [ECHO] }))
    log.record(requestRecord({ principal: principal('ada'), calls: [ECHO] }))
    await vi.advanceTimersByTimeAsync(599)
    expect(lines()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(lines()).toEqual(['slow  echo', 'ada  echo'])
    late.resolve('Slow (corp)')
    log.record(requestRecord({ principal: principal('slow'), calls: [ECHO] }))
    await vi.advanceTimersByTimeAsync(0)
    expect(lines().at(-1)).toBe('Slow (corp)  echo')
  })

  test('no more than can be read, and no more than a share of it one caller’s; the rest is counted', async () => {
    const { log, entries, missed } = watched()
    const flood = () => log.record(requestRecord({ refusal: { reason: 'token_missing', detail: 'x' } }))
    for (let nth = 0; nth < 500; nth += 1) flood()
    log.record(requestRecord({ principal: principal('ada'), calls: [ECHO] }))
    await vi.advanceTimersByTimeAsync(0)
    expect([entries.length, entries.at(-1)?.who, missed]).toEqual([26, 'ada', []])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(missed).toEqual([475])
    flood()
    await vi.advanceTimersByTimeAsync(0)
    expect(entries.length).toBe(27)
  })

  test('all callers together too', async () => {
    const { log, entries, missed } = watched()
    for (let nth = 0; nth < 300; nth += 1)
      log.record(requestRecord({ principal: principal(`p${nth}`), calls: [ECHO] }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect([entries.length, missed]).toEqual([100, [200]])
  })
})
