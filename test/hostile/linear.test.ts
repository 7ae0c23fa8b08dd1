// What a stranger sends costs at most in proportion to its length, and nothing of it is looked at before it has to be.
// Growth is measured as a ratio of CPU times (support/growth.ts).
import { expect, test } from 'vitest'
import type { Call } from '../../src/core/call.ts'
import { readJsonObject } from '../../src/lib/strict-json.ts'
import { readMessage } from '../../src/mcp/message.ts'
import { REQUEST_SHAPE } from '../../src/mcp/request-shape.ts'
import { scan } from '../../src/mcp/scan.ts'
import { isUnder } from '../../src/policy/condition/paths.ts'
import { compileGlob, type Dialect } from '../../src/policy/glob.ts'
import { isJudgeableUri } from '../../src/policy/uri.ts'
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
  const naming = (method: string): Call => ({
    ...{ kind: 'request', id: '1', method, taskId: undefined, mayCreateTask: false, args: () => ({}) },
    get targets() {
      looked += 1
      return [{ kind: 'resource', name: 'file:///a' } as const]
    },
  })
  const calls = [naming('initialize'), naming('resources/read'), naming('subscriptions/listen')]
  const { refusal } = policy.decide(undefined, { era: 'legacy', calls }, AROUND)
  expect([refusal?.reason, looked]).toEqual(['token_missing', 0])
})

const call = (args: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":${args}}}`
const names = (count: number) => Array.from({ length: count }, (_, index) => `"${index}":0`).join()
const TOO_MUCH: readonly (readonly [what: string, args: string, read: boolean])[] = [
  ['32,000 names', `{${names(32_000)}}`, true],
  ['33,000 names', `{${names(33_000)}}`, false],
  ['33,000 names in as many objects', `[${Array(33_000).fill('{"a":0}').join()}]`, false],
  ['99,000 values', `[${Array(99_000).fill('0').join()}]`, true],
  ['101,000 values', `[${Array(101_000).fill('0').join()}]`, false],
]
test.each(TOO_MUCH)('D29 a message with %s', (_what, args, read) => {
  const { ok } = readMessage(Buffer.from(call(args)), { version: [], method: [], name: [] })
  expect(ok).toBe(read)
})

test('D30 of a list that is too long no more is kept than shows that', () => {
  const counts = { maxValues: 1_000_000, maxNames: 1_000_000 }
  const read = (text: string) => {
    const document = scan(Buffer.from(text), REQUEST_SHAPE, counts)
    return typeof document === 'string' ? undefined : document.root
  }
  const many = (item: string) => `[${Array(100_000).fill(item).join()}]`
  expect(read(many('{}'))?.items?.length).toBe(51)
  const listening = read(`{"params":{"notifications":{"resourceSubscriptions":${many('""')}}}}`)
  const listed = listening?.members?.get('params')?.members?.get('notifications')?.members
  expect(listed?.get('resourceSubscriptions')?.items?.length).toBe(1_001)
})

const PATTERNS: readonly (readonly [dialect: Dialect, pattern: string, unit: string])[] = [
  ['name', '*x*', 'y'],
  ['name', '*a*a*a*b', 'a'],
  ['name', '*ab*ab*ab*', 'a'],
  ['uri', '**a*/**b*/*', 'a/'],
  ['uri', '**/a*b*c/**', '/ab'],
  ['uri', '*a*a*a', 'a'],
  ['uri', '**a/a*b**', 'a/'],
]
test.each(PATTERNS)('D31 a text that nearly fits the %s pattern %j', (dialect, pattern, unit) => {
  const glob = compileGlob(pattern, dialect)
  const growth = growthOf((length) => {
    const text = unit.repeat(length / unit.length)
    return () => glob.matches(text)
  })
  expect(growth).toBeLessThan(LINEAR)
})

test.each(['a/', './', '. /', '/ ', '%', '..;'])('D31 a path of %j under a folder', (unit) => {
  const growth = growthOf((length) => {
    const path = `/srv/${unit.repeat(length / unit.length)}x`
    return () => isUnder(path, '/srv')
  })
  expect(growth).toBeLessThan(LINEAR)
})

test.each(PATTERNS)(
  'D31 a template whose beginning nearly fits the %s pattern %j',
  (dialect, pattern, unit) => {
    const glob = compileGlob(pattern, dialect)
    const growth = growthOf((length) => {
      const prefix = unit.repeat(length / unit.length)
      return () => [glob.meets(prefix), glob.coversPrefix(prefix)]
    })
    expect(growth).toBeLessThan(LINEAR)
  },
)
