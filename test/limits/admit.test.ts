// Which limits a message counts against, and which one says no.
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { admit, type CallLimits } from '../../src/limits/admit.ts'
import type { RateLimit } from '../../src/limits/rates.ts'

function counting(allowed: number): RateLimit & { taken: string[] } {
  const taken: string[] = []
  return {
    taken,
    async take(key) {
      taken.push(key)
      return taken.length > allowed ? 9 : undefined
    },
    peek: async () => undefined,
  }
}

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

function check(limits: Partial<CallLimits>, calls: readonly Call[]) {
  return admit({ perSubject: undefined, perTool: new Map(), ...limits }, 'iss sub', calls)
}

test('SCP-13 without limits everything goes on', async () => {
  expect(await check({}, [call('tools/call', 'x')])).toBeUndefined()
})

test('SCP-13 per_subject is taken once for a message', async () => {
  const perSubject = counting(1)
  expect(await check({ perSubject }, [call('ping'), call('ping')])).toBeUndefined()
  expect(perSubject.taken).toEqual(['iss sub'])
  expect(await check({ perSubject }, [call('ping')])).toEqual({
    reason: 'rate_limited',
    limit: 'per_subject',
    retryAfterSeconds: 9,
  })
})

test('SCP-13 per_tool is taken for each call of that tool, also in a batch', async () => {
  const purge = counting(1)
  const perTool = new Map([['purge', purge]])
  expect(await check({ perTool }, [call('tools/call', 'other')])).toBeUndefined()
  const refusal = await check({ perTool }, [call('tools/call', 'purge'), call('tools/call', 'purge')])
  expect(refusal).toMatchObject({ reason: 'rate_limited', limit: 'per_tool' })
  expect(purge.taken).toEqual(['iss sub', 'iss sub'])
})

test('asking after a task is not another call of the tool that created it', async () => {
  const purge = counting(0)
  const poll: Call = { ...call('tasks/get', 'purge'), taskId: 't1' }
  expect(await check({ perTool: new Map([['purge', purge]]) }, [poll])).toBeUndefined()
  expect(purge.taken).toEqual([])
})
