// Which live parts a reload makes anew: those whose settings or parts changed, and no other.
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { createLiveParts } from '../../src/gateway/live-parts.ts'

/** Whether what is made of the second is the part that was made of the first. */
function isReused(first: unknown, second: unknown): boolean {
  const parts = createLiveParts()
  const [old, fresh] = [first, second].map((madeOf) => parts.lease().take('part', madeOf, () => ({})))
  return old === fresh
}

test.each([
  ['equal settings', { a: [1, 'x'] }, { a: [1, 'x'] }, true],
  ['another value', { a: 1 }, { a: 2 }, false],
  ['equal secrets', { a: new Secret('one') }, { a: new Secret('one') }, true],
  ['another secret', { a: new Secret('one') }, { a: new Secret('two') }, false],
  ['a secret instead of its text', { a: new Secret('one') }, { a: 'one' }, false],
  ['equal maps', new Map([['a', new Secret('one')]]), new Map([['a', new Secret('one')]]), true],
  [
    'another secret in a map',
    new Map([['a', new Secret('one')]]),
    new Map([['a', new Secret('two')]]),
    false,
  ],
  [
    'another order of a map',
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
    false,
  ],
  ['another set', new Set(['a']), new Set(['b']), false],
])('%s', (_what, first, second, reused) => {
  expect(isReused(first, second)).toBe(reused)
})

test('a part has one identity over all generations, and another part another', () => {
  const parts = createLiveParts()
  const [first, second] = [{}, {}]
  const identities = [first, second, first].map((part) => parts.lease().identityOf(part))
  expect(identities[0]).toBe(identities[2])
  expect(identities[0]).not.toBe(identities[1])
  expect(identities).not.toContain(parts.lease().identityOf(undefined))
})

test('parts of two kinds are never one', () => {
  const lease = createLiveParts().lease()
  expect(lease.take('one', {}, () => ({}))).not.toBe(lease.take('other', {}, () => ({})))
})

test('a part is closed when the last generation has given it back, once', () => {
  const closed: string[] = []
  const parts = createLiveParts()
  const take = (madeOf: string) => {
    const lease = parts.lease()
    lease.take(
      'part',
      madeOf,
      () => ({}),
      () => closed.push(madeOf),
    )
    lease.take(
      'part',
      madeOf,
      () => ({}),
      () => closed.push('twice'),
    )
    return lease
  }
  const [first, second, other] = [take('a'), take('a'), take('b')]
  first.release()
  first.release()
  expect(closed).toEqual([])
  other.release()
  second.release()
  expect(closed).toEqual(['b', 'a'])
})
