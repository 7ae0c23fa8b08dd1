import { expect, test } from 'vitest'
import { isListMethod, type MethodKind, methodKind } from '../../src/core/methods.ts'

const kinds: readonly (readonly [string, MethodKind])[] = [
  ['initialize', 'protocol'],
  ['notifications/initialized', 'protocol'],
  ['notifications/anything', 'protocol'],
  ['server/discover', 'protocol'],
  ['tools/list', 'protocol'],
  ['tools/call', 'targeted'],
  ['resources/unsubscribe', 'targeted'],
  ['subscriptions/listen', 'targeted'],
  ['completion/complete', 'targeted'],
  ['skills/list', 'protocol'],
  ['skills/get', 'targeted'],
  ['resources/directory/read', 'targeted'],
  ['tasks/update', 'task'],
  ['tasks/result', 'task'],
  ['tasks/list', 'unknown'],
  ['TOOLS/CALL', 'unknown'],
  ['tools/call ', 'unknown'],
  ['tools/callx', 'unknown'],
  ['tools/call/../list', 'unknown'],
  ['notifications', 'unknown'],
  ['constructor', 'unknown'],
  ['__proto__', 'unknown'],
  ['', 'unknown'],
]

test.each(kinds)('M12 M13 M14 %j is %s', (method, kind) => {
  expect(methodKind(method)).toBe(kind)
})

test('L15 the list methods and directories, and nothing else, answer with lists', () => {
  const core = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']
  const lists = [...core, 'skills/list', 'resources/directory/read']
  expect(lists.every(isListMethod)).toBe(true)
  expect(['tools/call', 'tasks/list', 'roots/list', 'server/discover'].some(isListMethod)).toBe(false)
})
