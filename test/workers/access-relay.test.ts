// Entries of the access log from a worker to its primary: in order, and counted where the channel takes no more.
import { expect, test } from 'vitest'
import type { AccessEntry } from '../../src/observe/access-entry.ts'
import { createAccessRelay, type Told, takeTold } from '../../src/workers/access-relay.ts'

function entry(what: string): AccessEntry {
  return { kind: 'call', at: 0, who: 'ada', client: '', what, outcome: 'allowed', durationMs: 1 }
}

test('what the channel does not take is counted, and told when it does again', () => {
  const sent: Told[] = []
  const taken: (() => void)[] = []
  const relay = createAccessRelay((told, done) => {
    sent.push(told)
    taken.push(done)
  })
  for (let nth = 0; nth < 250; nth += 1) relay.entry(entry(`t${nth}`))
  relay.missed(7)
  expect(sent.length).toBe(200)
  for (const done of taken.splice(0)) done()
  relay.entry(entry('last'))
  expect(sent.slice(200)).toEqual([{ missed: 57 }, { told: entry('last') }])
  relay.missed(3)
  expect(sent.at(-1)).toEqual({ missed: 3 })
})

test('the primary takes them, and leaves answers to orders alone', () => {
  const seen: unknown[] = []
  const output = {
    entry: (each: AccessEntry) => void seen.push(each.what),
    missed: (count: number) => void seen.push(count),
  }
  expect(takeTold({ told: entry('a') }, output)).toBe(true)
  expect(takeTold({ missed: 2 }, output)).toBe(true)
  expect(takeTold({ answer: 1 }, output)).toBe(false)
  expect(takeTold({ told: entry('b') }, undefined)).toBe(true)
  expect(seen).toEqual(['a', 2])
})
