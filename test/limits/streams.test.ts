// Places for streams, per caller.
import { expect, test } from 'vitest'
import { createStreamLimit } from '../../src/limits/streams.ts'

test('STR-08 a caller has so many places, and gets one back when a stream ends', () => {
  const limit = createStreamLimit(2)
  const leave = limit.enter('a')
  expect(limit.enter('a')).toBeDefined()
  expect(limit.enter('a')).toBeUndefined()
  leave?.()
  expect(limit.enter('a')).toBeDefined()
  expect(limit.enter('a')).toBeUndefined()
})

test('STR-08 one caller’s streams are not another’s', () => {
  const limit = createStreamLimit(1)
  expect(limit.enter('a')).toBeDefined()
  expect(limit.enter('b')).toBeDefined()
})
