// How many signatures are checked in one turn of the event loop, and whose come first.
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SignatureCheck } from '../../src/token/signature.ts'
import { createSignatureTurns } from '../../src/token/signature-turns.ts'

const NOTHING = Buffer.alloc(0)

/** A check that only says that it was made. */
function sayingCheck(cost: number, made: string[]): SignatureCheck {
  return { cost, verifies: (text) => made.push(text) > 0 }
}

test('a check is made at once while there is room in the turn', () => {
  const turns = createSignatureTurns()
  const made: string[] = []
  expect(turns.check('a', sayingCheck(1, made), 'a1', NOTHING)).toBe(true)
  expect(made).toEqual(['a1'])
})

test('J90 a thousand networks with bad tokens take a part of each turn, and somebody new is next in line', async () => {
  const turns = createSignatureTurns()
  const made: string[] = []
  const all = Array.from({ length: 1_000 }, (_, n) =>
    turns.check(`network ${n % 500}`, sayingCheck(3, made), `bad ${n}`, NOTHING),
  )
  expect(made).toHaveLength(11)
  const honest = turns.check('somebody', sayingCheck(3, made), 'good', NOTHING)
  for (let count = 2; made.length < 1_001; count += 1) {
    await turn()
    expect(made.length).toBeLessThanOrEqual(11 * count)
  }
  expect(await honest).toBe(true)
  expect(made.indexOf('good')).toBeLessThanOrEqual(11 + 500)
  expect(await Promise.all(all)).toEqual(Array.from({ length: 1_000 }, () => true))
})

test('J90 one network with a thousand bad tokens makes another wait for one check', async () => {
  const turns = createSignatureTurns()
  const made: string[] = []
  for (let n = 0; n < 1_000; n += 1) void turns.check('many', sayingCheck(1, made), `bad ${n}`, NOTHING)
  const honest = turns.check('somebody', sayingCheck(1, made), 'good', NOTHING)
  await honest
  expect(made.indexOf('good')).toBeLessThanOrEqual(32 + 1)
})

test('J91 of checks that take long two are under way, so node’s threads stay free for others', async () => {
  const turns = createSignatureTurns()
  const order: string[] = []
  const open: (() => void)[] = []
  const long: SignatureCheck = {
    cost: 40,
    verifies: (text) => {
      order.push(text)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      open.push(() => resolve(true))
      return promise
    },
  }
  const all = ['a1', 'a2', 'a3', 'a4', 'b1'].map((text) => turns.check(text.slice(0, 1), long, text, NOTHING))
  expect(order).toEqual(['a1', 'a2'])
  const made: string[] = []
  expect(turns.check('c', sayingCheck(1, made), 'c1', NOTHING)).toBe(true)
  for (const next of ['a3', 'b1', 'a4']) {
    open.shift()?.()
    await turn()
    expect(order.at(-1)).toBe(next)
  }
  for (const end of open) end()
  expect(await Promise.all(all)).toEqual([true, true, true, true, true])
})
