// A kept value: when it is loaded, renewed, served although its source is down, and given up (J49, J52).
import { expect, test } from 'vitest'
import { createRefreshingValue, type LoadResult } from '../../src/token/refreshing-value.ts'
import { fakeClock } from './scene.ts'

function open() {
  const clock = fakeClock()
  let loads = 0
  let source: (load: number) => LoadResult<number> | Promise<LoadResult<number>> = (load) => ({
    ok: true,
    value: load,
  })
  const kept = createRefreshingValue<number>({
    load: async () => source(++loads),
    clock,
    renewAfterMs: 100,
    maxAgeMs: 200,
    maxStaleMs: 1000,
    cooldownMs: 10,
    failureCooldownMs: 50,
  })
  return {
    clock,
    kept,
    loads: () => loads,
    set: (next: typeof source) => {
      source = next
    },
    fails: () => {
      source = () => ({ ok: false, why: 'down' })
    },
  }
}

test('the first use loads, and the next ones do not', async () => {
  const { kept, loads } = open()
  expect(kept.peek()).toBe(undefined)
  expect(await Promise.all([kept.get(), kept.get()])).toEqual([
    { ok: true, value: 1 },
    { ok: true, value: 1 },
  ])
  expect([kept.peek(), kept.ageMs(), loads()]).toEqual([1, 0, 1])
})

test('a renewal in the background keeps nobody waiting', async () => {
  const { kept, clock, set, loads } = open()
  await kept.get()
  const { promise, resolve } = Promise.withResolvers<LoadResult<number>>()
  set(() => promise)
  clock.pass(101)
  expect([kept.peek(), await kept.get(), loads()]).toEqual([1, { ok: true, value: 1 }, 2])
  resolve({ ok: true, value: 42 })
  await kept.renew()
  expect(kept.peek()).toBe(42)
})

test('an old value is waited for', async () => {
  const { kept, clock } = open()
  await kept.get()
  clock.pass(201)
  expect(kept.peek()).toBe(undefined)
  expect(await kept.get()).toEqual({ ok: true, value: 2 })
})

test('a source that is down is asked once per cooldown, and the last value serves until it is stale', async () => {
  const { kept, clock, fails, loads } = open()
  await kept.get()
  fails()
  clock.pass(201)
  for (let i = 0; i < 10; i += 1) expect(await kept.get()).toEqual({ ok: true, value: 1 })
  expect([loads(), kept.lastError(), kept.peek()]).toEqual([2, 'down', 1])
  clock.pass(50)
  await kept.get()
  await kept.renew()
  expect(loads()).toBe(3)
  clock.pass(750)
  expect([await kept.get(), kept.peek()]).toEqual([{ ok: false, why: 'down' }, undefined])
})

test('renew joins a load under way, and else keeps the cooldown', async () => {
  const { kept, clock, loads } = open()
  expect(await Promise.all([kept.renew(), kept.renew()])).toEqual([true, true])
  expect(await kept.renew()).toBe(false)
  clock.pass(10)
  expect(await kept.renew()).toBe(true)
  expect(loads()).toBe(2)
})
