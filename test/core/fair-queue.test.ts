// Those who wait: each key in its own order, the keys in turns, and room for everybody however much one sends.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFairQueue, type QueuePlace } from '../../src/core/fair-queue.ts'

interface Item {
  readonly key: string
  readonly nth: number
}

const bounds = { size: 100, share: 50 }

function filled(...keys: string[]) {
  const queue = createFairQueue<Item>(bounds)
  const count = new Map<string, number>()
  for (const key of keys) {
    const nth = count.get(key) ?? 0
    count.set(key, nth + 1)
    queue.join(key, { key, nth })
  }
  return queue
}

test('who waits once is next after one of those who wait many times', () => {
  const queue = filled('a', 'a', 'a', 'a', 'b', 'c', 'c')
  const order = queue.drain().map(({ key, nth }) => `${key}${nth}`)
  expect(order).toEqual(['a0', 'b0', 'c0', 'a1', 'c1', 'a2', 'a3'])
  expect(queue.length).toBe(0)
})

test('who comes again stands behind the others, also when its line was empty', () => {
  const queue = filled('a', 'b', 'b')
  expect(queue.next()?.key).toBe('a')
  queue.join('a', { key: 'a', nth: 1 })
  expect([queue.next()?.key, queue.next()?.key, queue.next()?.key]).toEqual(['b', 'a', 'b'])
})

test('one key fills its share of the room, and another still finds some', () => {
  const queue = createFairQueue<Item>({ size: 3, share: 2 })
  const join = (key: string) => queue.join(key, { key, nth: 0 }) !== undefined
  expect([join('a'), join('a'), join('a'), join('b'), join('c')]).toEqual([true, true, false, true, false])
})

test('a line whose key may not be served is passed over and keeps its turn', () => {
  const queue = filled('a', 'b', 'a')
  expect(queue.next((key) => key !== 'a')?.key).toBe('b')
  expect(queue.next((key) => key !== 'a')).toBeUndefined()
  expect(queue.next()?.nth).toBe(0)
})

test('leaving twice, or after being served, takes nobody else along', () => {
  const queue = createFairQueue<Item>(bounds)
  const first = queue.join('a', { key: 'a', nth: 0 })
  const second = queue.join('a', { key: 'a', nth: 1 })
  queue.join('a', { key: 'a', nth: 2 })
  second?.leave()
  second?.leave()
  expect(queue.next()?.nth).toBe(0)
  first?.leave()
  expect([queue.length, queue.next()?.nth, queue.length]).toEqual([1, 2, 0])
})

test('whatever joins, leaves and is served: each in its order, nobody is passed over twice, nobody is lost', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    does: fc.constantFrom('join', 'join', 'next', 'leave'),
    which: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = createFairQueue<Item>({ size: 20, share: 8 })
      const waiting: { item: Item; place: QueuePlace }[] = []
      const passedOver = new Map<string, string[]>()
      let nth = 0
      for (const { key, does, which } of steps) {
        const mine = waiting.filter(({ item }) => item.key === key).length
        if (does === 'join') {
          const item = { key, nth: nth++ }
          const place = queue.join(key, item)
          expect(place !== undefined).toBe(waiting.length < 20 && mine < 8)
          if (place !== undefined) waiting.push({ item, place })
        } else if (does === 'leave') {
          const [gone] = waiting.splice(which % Math.max(1, waiting.length), 1)
          gone?.place.leave()
          const stays = waiting.some(({ item }) => item.key === gone?.item.key)
          if (gone !== undefined && !stays) passedOver.delete(gone.item.key)
        } else {
          const served = queue.next()
          const ofKey = waiting.filter(({ item }) => item.key === served?.key)
          expect(served).toBe(ofKey[0]?.item)
          waiting.splice(waiting.indexOf(ofKey[0] as (typeof waiting)[number]), waiting.length > 0 ? 1 : 0)
          noteTurn(passedOver, served?.key, new Set(waiting.map(({ item }) => item.key)))
        }
        expect(queue.length).toBe(waiting.length)
      }
      expect(new Set(queue.drain())).toEqual(new Set(waiting.map(({ item }) => item)))
    }),
  )
})

/** While a key waits, no other is served twice. */
function noteTurn(passedOver: Map<string, string[]>, served: string | undefined, still: Set<string>): void {
  for (const key of passedOver.keys()) if (!still.has(key) || key === served) passedOver.delete(key)
  for (const key of still) {
    if (key === served || served === undefined) continue
    const others = passedOver.get(key) ?? []
    expect(others).not.toContain(served)
    passedOver.set(key, [...others, served])
  }
}
