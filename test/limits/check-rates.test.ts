// Which limits a request and its message count against, and which one says no.
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import {
  type CallLimits,
  checkBatchRate,
  checkRequestRate,
  checkToolRates,
} from '../../src/limits/check-rates.ts'
import { createRateLimit } from '../../src/limits/rates.ts'

const CALLER = 'iss sub'
const rate = (count: number) => createRateLimit({ count, seconds: 60 }, () => 0)

function call(method: string, ...tools: string[]): Call {
  return {
    kind: 'request',
    id: '1',
    method,
    targets: tools.map((name) => ({ kind: 'tool', name })),
    taskId: undefined,
    mayCreateTask: false,
    args: () => undefined,
  }
}

const of = (limits: Partial<CallLimits>): CallLimits => ({
  perSubject: undefined,
  perTool: new Map(),
  ...limits,
})
const pings = (length: number) => Array.from({ length }, () => call('ping'))
const limited = (limit: string): Refusal => ({ reason: 'rate_limited', limit, retryAfterSeconds: 60 })

test('SCP-13 without limits everything goes on', () => {
  expect(checkRequestRate(of({}), CALLER)).toBeUndefined()
  expect(checkBatchRate(of({}), CALLER, pings(50))).toBeUndefined()
  expect(checkToolRates(of({}), CALLER, [call('tools/call', 'x')])).toBeUndefined()
})

test('SCP-13 per_subject is taken for the request, and for each further call of a batch', () => {
  const limits = of({ perSubject: rate(4) })
  expect([checkRequestRate(limits, CALLER), checkBatchRate(limits, CALLER, pings(1))]).toEqual([
    undefined,
    undefined,
  ])
  expect([checkRequestRate(limits, CALLER), checkBatchRate(limits, CALLER, [])]).toEqual([
    undefined,
    undefined,
  ])
  expect([checkRequestRate(limits, CALLER), checkBatchRate(limits, CALLER, pings(3))]).toEqual([
    undefined,
    limited('per_subject'),
  ])
  expect([checkRequestRate(limits, CALLER), checkRequestRate(limits, CALLER)]).toEqual([
    undefined,
    limited('per_subject'),
  ])
})

test('SCP-13 per_tool is taken for each call of that tool, also in a batch', () => {
  const perTool = new Map([['purge', rate(2)]])
  const purges = (length: number) => Array.from({ length }, () => call('tools/call', 'purge'))
  expect(checkToolRates(of({ perTool }), CALLER, [call('tools/call', 'other')])).toBeUndefined()
  expect(checkToolRates(of({ perTool }), CALLER, purges(3))).toEqual(limited('per_tool'))
  expect(checkToolRates(of({ perTool }), CALLER, purges(2))).toBeUndefined()
  expect(checkToolRates(of({ perTool }), CALLER, purges(1))).toEqual(limited('per_tool'))
})

test('where one tool of a batch may not be called, none of the others is counted', () => {
  const perTool = new Map([
    ['save', rate(1)],
    ['purge', rate(0)],
  ])
  const batch = [call('tools/call', 'save'), call('tools/call', 'purge')]
  expect(checkToolRates(of({ perTool }), CALLER, batch)).toEqual(limited('per_tool'))
  expect(checkToolRates(of({ perTool }), CALLER, batch.slice(0, 1))).toBeUndefined()
})

test('asking after a task is not another call of the tool that created it', () => {
  const poll: Call = { ...call('tasks/get', 'purge'), taskId: 't1' }
  expect(checkToolRates(of({ perTool: new Map([['purge', rate(0)]]) }), CALLER, [poll])).toBeUndefined()
})
