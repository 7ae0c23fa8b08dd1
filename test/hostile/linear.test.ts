// What a stranger sends costs at most in proportion to its length, and nothing of it is looked at before it has to be.
// Growth is measured as a ratio of CPU times (support/growth.ts).
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { isJudgeableUri } from '../../src/policy/uri.ts'
import { readJsonObject } from '../../src/token/json.ts'
import { AROUND, compiled } from '../policy/policies.ts'
import { growthOf, LINEAR } from '../support/growth.ts'

test.each(['A', 'a:A', 'a/A', '{A'])('D25 a URI of %j again and again', (unit) => {
  const growth = growthOf((length) => {
    const uri = unit.repeat(length / unit.length)
    return () => isJudgeableUri(uri)
  }, 8_192)
  expect(growth).toBeLessThan(LINEAR)
})

const NO_JSON: readonly (readonly [what: string, start: string, unit: string, end: string])[] = [
  ['escaped quotes without an end', '{"', '\\"', ''],
  ['quotes and escapes without an end', '{"', '\\"a', '\\'],
  ['strings without commas', '{', '"a" ', ''],
  ['open brackets', '', '[', ''],
]
test.each(NO_JSON)('D26 a token that is no JSON: %s', (_what, start, unit, end) => {
  const growth = growthOf((length) => {
    const bytes = Buffer.from(start + unit.repeat(length / unit.length) + end)
    return () => readJsonObject(bytes)
  }, 1_048_576)
  expect(growth).toBeLessThan(LINEAR)
})

test('D27 nothing that a call names is looked at before its method is open to all', () => {
  const policy = compiled({ anonymous: ['initialize'] })
  let looked = 0
  const call = (method: string): Call => ({
    ...{ kind: 'request', id: '1', method, taskId: undefined, mayCreateTask: false, args: () => ({}) },
    get targets() {
      looked += 1
      return [{ kind: 'resource', name: 'file:///a' } as const]
    },
  })
  const calls = [call('initialize'), call('resources/read'), call('subscriptions/listen')]
  const { refusal } = policy.decide(undefined, { era: 'legacy', calls }, AROUND)
  expect([refusal?.reason, looked]).toEqual(['token_missing', 0])
})
