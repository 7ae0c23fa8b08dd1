// The calls that a console shows: no caller pushes out what others did, nothing that is kept grows with what a client
// sends, and the filter finds what is typed.
import { describe, expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Principal } from '../../src/core/principal.ts'
import { readMessage } from '../../src/mcp/message.ts'
import { createActivity } from '../../src/observe/activity.ts'
import { createCallFilter } from '../../src/observe/call-filter.ts'
import { joinActivity, ownProcess } from '../../src/observe/joint-activity.ts'
import {
  createRecentCalls,
  type RecentCalls,
  type RecentCallsOptions,
} from '../../src/observe/recent-calls.ts'
import type { RequestRecord } from '../../src/observe/request-record.ts'
import { inUse, MEBIBYTE } from '../support/in-use.ts'
import { requestRecord } from '../support/request-record.ts'

const NO_HEADERS = { version: [], method: [], name: [] }
const ALL = { text: '', after: 0, limit: 100_000 }

function principal(subject: string): Principal {
  const rest = {
    scopes: new Set<string>(),
    roles: [],
    expiresAt: 0,
    boundKey: undefined,
    claims: { secret: 'claim' },
  }
  return {
    issuer: 'https://as.example',
    subject,
    key: `https://as.example ${subject}`,
    clientId: 'desk',
    ...rest,
  }
}

function callOf(tool: string): Call {
  return {
    ...{ kind: 'request', id: '1', method: 'tools/call', taskId: undefined, mayCreateTask: false },
    ...{ targets: [{ kind: 'tool', name: tool }], args: () => ({ secret: 'argument' }) },
  }
}

let ids = 0
function record(over: Partial<RequestRecord> = {}): RequestRecord {
  ids += 1
  const usual = { principal: principal('ada'), calls: [callOf('add_note')], rule: 'writing' }
  return requestRecord({ id: `id-${ids}`, ...usual, ...over })
}

/** Calls that end now. */
function startCalls(options: RecentCallsOptions) {
  const { find, record: add } = createRecentCalls(options)
  return { find, record: (ended: RequestRecord) => add(ended, { at: Date.now(), durationMs: 1 }) }
}

const toolsOf = (calls: Pick<RecentCalls, 'find'>, text = '') =>
  calls.find({ ...ALL, text }).calls.map(({ target }) => target)

describe('what is kept', () => {
  test('a noisy caller loses its own calls, and others none', () => {
    const calls = startCalls({ sharePerCaller: 0.25 })
    calls.record(record({ principal: principal('quiet'), calls: [callOf('once')] }))
    for (let n = 0; n < 20_000; n += 1) calls.record(record())
    expect(calls.find(ALL).kept).toBe(2_001)
    expect(toolsOf(calls, 'subject:quiet')).toEqual(['once'])
  })

  test('callers who were not proved push out nobody who was, however many addresses they have', () => {
    const calls = startCalls({ sharePerCaller: 0.25 })
    for (let n = 0; n < 10; n += 1) calls.record(record())
    for (let n = 0; n < 5_000; n += 1) {
      const address = `2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`
      calls.record(record({ principal: undefined, address, calls: [], refusal: { reason: 'route_unknown' } }))
    }
    expect(calls.find({ ...ALL, text: 'subject:ada' }).calls).toHaveLength(10)
    expect(calls.find(ALL).kept).toBe(2_010)
  })

  test('ten thousand in all, of all workers together', () => {
    const kept = [1, 4].map((processes) => {
      const calls = startCalls({ sharePerCaller: 1, processes })
      for (let n = 0; n < 12_000; n += 1) {
        calls.record(record())
        calls.record(record({ principal: undefined }))
      }
      return calls.find(ALL).kept
    })
    expect(kept).toEqual([10_000, 2_500])
  })

  test('no argument, claim, nonce or challenge, and no text longer than an audit line has', () => {
    const calls = startCalls({ sharePerCaller: 1 })
    const long = 'x'.repeat(100_000)
    calls.record(record({ calls: [callOf(long)], principal: principal(long) }))
    calls.record(record({ refusal: { reason: 'host_forbidden', host: long } }))
    const scopes = Array.from({ length: 500 }, () => long)
    calls.record(
      record({ refusal: { reason: 'scope_missing', challenge: scopes, missing: scopes, rule: 'r' } }),
    )
    calls.record(
      record({
        principal: undefined,
        refusal: {
          reason: 'dpop_rejected',
          error: 'use_dpop_nonce',
          detail: 'd',
          nonce: 'n-once',
          client: 'desk',
        },
      }),
    )
    const text = JSON.stringify(calls.find(ALL))
    expect(text).not.toMatch(/argument|claim|n-once/)
    expect(text.length).toBeLessThan(12_000)
    expect(calls.find(ALL).calls[0]?.client).toBe('desk')
  })

  test('of a large body that was refused, nothing but the names that are shown', () => {
    const calls = startCalls({ sharePerCaller: 1 })
    const before = inUse()
    for (let n = 0; n < 40; n += 1) {
      const params = { name: `tool_of_some_length_${n}`, arguments: { text: 'x'.repeat(MEBIBYTE) } }
      const body = JSON.stringify({ jsonrpc: '2.0', id: n, method: 'tools/call', params })
      const read = readMessage(Buffer.from(body), NO_HEADERS)
      if (!read.ok) throw new Error(read.refusal.reason)
      calls.record(record({ calls: read.value.calls }))
    }
    expect(inUse() - before).toBeLessThan(10 * MEBIBYTE)
    expect(toolsOf(calls)).toHaveLength(40)
  })

  test('what is new since a call, and all again from a process that began anew', () => {
    const calls = startCalls({ sharePerCaller: 1 })
    for (const tool of ['a', 'b', 'c']) calls.record(record({ calls: [callOf(tool)] }))
    const found = calls.find({ text: '', after: 1, limit: 10 })
    expect(found.calls.map(({ target }) => target)).toEqual(['c', 'b'])
    expect(calls.find({ text: '', after: found.last, limit: 10 }).calls).toEqual([])
    expect(calls.find({ text: '', after: 99, limit: 10 }).calls).toHaveLength(3)
    expect(calls.find({ text: '', after: 0, limit: 2 }).calls.map(({ target }) => target)).toEqual(['c', 'b'])
  })
})

describe('the filter', () => {
  const calls = startCalls({ sharePerCaller: 1 })
  calls.record(record({ calls: [callOf('add_note')] }))
  calls.record(
    record({
      calls: [callOf('purge_note')],
      refusal: { reason: 'call_forbidden', rule: 'no', denial: 'http' },
    }),
  )
  calls.record(
    record({ calls: [callOf('observed')], would: { reason: 'call_forbidden', rule: 'no', denial: 'http' } }),
  )
  calls.record(record({ principal: principal('Grace'), calls: [callOf('notes://1')], status: 502 }))

  test.each([
    ['', ['notes://1', 'observed', 'purge_note', 'add_note']],
    ['note', ['notes://1', 'observed', 'purge_note', 'add_note']], // the route
    ['tool:note', ['notes://1', 'purge_note', 'add_note']],
    ['refused', ['purge_note']],
    ['decision:allowed subject:ada tool:_', ['add_note']],
    ['reason:call_forbidden', ['purge_note']],
    ['reason:', ['purge_note']],
    ['observed:', ['observed']],
    ['GRACE', ['notes://1']],
    ['notes://1', ['notes://1']],
    ['status:502', ['notes://1']],
    ['constructor:x', []],
    ['nobody', []],
  ])('%j', (text, expected) => {
    expect(toolsOf(calls, text)).toEqual(expected)
  })

  test('what is longer than a filter is not looked at', () => {
    const fits = createCallFilter(`${'ada '.repeat(100)} nobody`)
    expect(calls.find(ALL).calls.filter(fits)).toHaveLength(3)
  })
})

test('several processes are one list, and one that is silent is named', async () => {
  const [one, other] = [createActivity({ sharePerCaller: 1 }), createActivity({ sharePerCaller: 1 })]
  one.record(record({ calls: [callOf('first')] }))
  other.record(record({ calls: [callOf('second')], refusal: { reason: 'route_unknown' } }))
  const silent = { name: 'worker 3', find: async () => undefined, minutes: async () => undefined }
  const joint = joinActivity(() => [
    { ...ownProcess(one), name: 'worker 1' },
    { ...ownProcess(other), name: 'worker 2' },
    silent,
  ])
  const found = await joint.find({ text: '', after: {}, limit: 10 })
  expect(found.calls.map(({ target }) => target).sort()).toEqual(['first', 'second'])
  expect(found).toMatchObject({ kept: 2, silent: ['worker 3'], last: { 'worker 1': 1, 'worker 2': 1 } })
  expect((await joint.find({ text: '', after: found.last, limit: 10 })).calls).toEqual([])
  const minutes = await joint.minutes()
  expect(minutes.reduce((sum, { calls, refused }) => sum + calls + refused, 0)).toBe(3)
})
