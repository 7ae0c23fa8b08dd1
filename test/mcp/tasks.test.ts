import { expect, test } from 'vitest'
import type { Target } from '../../src/core/call.ts'
import { createTaskMemory, readCreatedTasks } from '../../src/mcp/tasks.ts'

const tool: readonly Target[] = [{ kind: 'tool', name: 'export' }]

test('S12 a task is found with what made it', () => {
  const memory = createTaskMemory({ size: 10, share: 3 })
  memory.remember('alice', 'corp alice', 't1', tool)
  expect(memory.find('alice', 't1')).toEqual(tool)
})

test('S11 another owner’s task is not found, nor one that never was', () => {
  const memory = createTaskMemory({ size: 10, share: 3 })
  memory.remember('alice', 'corp alice', 't1', tool)
  expect(memory.find('bob', 't1')).toBeUndefined()
  expect(memory.find('alice', 't2')).toBeUndefined()
  expect(memory.find('1alice', 't')).toBeUndefined()
})

test('S11 the same id of two owners is two tasks', () => {
  const memory = createTaskMemory({ size: 10, share: 3 })
  memory.remember('alice', 'corp alice', 't1', tool)
  memory.remember('bob', 'corp bob', 't1', [])
  expect([memory.find('alice', 't1'), memory.find('bob', 't1')]).toEqual([tool, []])
})

test('the memory is bounded, in number and in the length of an id', () => {
  const memory = createTaskMemory({ size: 12, share: 3 })
  for (let index = 0; index < 10; index += 1) memory.remember('alice', 'corp alice', `t${index}`, tool)
  const found = Array.from({ length: 10 }, (_, index) => memory.find('alice', `t${index}`) !== undefined)
  expect(found.filter(Boolean)).toHaveLength(3)
  memory.remember('alice', 'corp alice', 'x'.repeat(513), tool)
  expect(memory.find('alice', 'x'.repeat(513))).toBeUndefined()
})

test('S30 tasks of one caller, through any number of clients, push out nobody else’s', () => {
  const memory = createTaskMemory({ size: 100, share: 25 })
  memory.remember('bob', 'corp bob', 't1', tool)
  for (let n = 0; n < 10_000; n += 1) memory.remember(`mallory ${n % 10}`, 'corp mallory', `t${n}`, tool)
  expect(memory.find('bob', 't1')).toEqual(tool)
  const kept = Array.from({ length: 10_000 }, (_, n) => memory.find(`mallory ${n % 10}`, `t${n}`))
  expect(kept.filter(Boolean)).toHaveLength(25)
})

function result(members: string): string {
  return `{"jsonrpc":"2.0","id":"a","result":{${members}}}`
}

const answers: readonly (readonly [string, string, readonly object[]])[] = [
  ['LEG-15 nested', result('"task":{"taskId":"t1","status":"working"}'), [{ id: '"a"', taskId: 't1' }]],
  ['SEP-2663 flat', result('"resultType":"task","taskId":"t1"'), [{ id: '"a"', taskId: 't1' }]],
  [
    'both forms',
    result('"resultType":"task","taskId":"t1","task":{"taskId":"t1"}'),
    [{ id: '"a"', taskId: 't1' }],
  ],
  ['nested with a type', result('"resultType":"task","task":{"taskId":"t1"}'), [{ id: '"a"', taskId: 't1' }]],
  ['escaped', result('"task":{"t\\u0061skId":"t1"}'), [{ id: '"a"', taskId: 't1' }]],
  ['the state of a task', result('"taskId":"t1","status":"working"'), []],
  ['a complete result', result('"resultType":"complete","taskId":"t1"'), []],
  ['no string', result('"task":{"taskId":1}'), []],
  ['an error beside it', '{"jsonrpc":"2.0","id":1,"error":{},"result":{"task":{"taskId":"t1"}}}', []],
  ['a method beside it', '{"jsonrpc":"2.0","id":1,"method":"x","result":{"task":{"taskId":"t1"}}}', []],
  ['no id', '{"jsonrpc":"2.0","result":{"task":{"taskId":"t1"}}}', []],
  ['twice', result('"task":{"taskId":"t1","taskId":"t2"}'), []],
  ['nothing of the kind', result('"content":[]'), []],
  ['not JSON', 'taskId', []],
  [
    'a batch',
    `[${result('"task":{"taskId":"t1"}')},{"jsonrpc":"2.0","id":2,"result":{"task":{"taskId":"t2"}}}]`,
    [
      { id: '"a"', taskId: 't1' },
      { id: '2', taskId: 't2' },
    ],
  ],
]

test.each(answers)('S11 a created task is seen: %s', (_, text, expected) => {
  expect(readCreatedTasks(Buffer.from(text))).toEqual(expected)
})
