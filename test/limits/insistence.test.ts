// SCP-09: after so many identical challenges the next is not sent, until the time has passed.
import { expect, test } from 'vitest'
import { createInsistence, MAX_CHALLENGES } from '../../src/limits/insistence.ts'

const START = 1_800_000_000_000
const ASKED = ['corp alice', 'tools/call', 'purge_note', 'notes:admin']

function verdicts(count: number, now: number, insistence = createInsistence()): boolean[] {
  return Array.from({ length: count }, () => insistence.isFutile(ASKED, now))
}

test('SCP-09 the first challenges are sent, the next are not', () => {
  const expected = [...Array<boolean>(MAX_CHALLENGES).fill(false), true, true]
  expect(verdicts(MAX_CHALLENGES + 2, START)).toEqual(expected)
})

test.each([
  ['another caller', ['corp bob', ...ASKED.slice(1)]],
  ['another tool', [ASKED[0], ASKED[1], 'save_note', ASKED[3]]],
  ['other scopes', [...ASKED.slice(0, 3), 'notes:write']],
  ['the same letters, cut elsewhere', ['corp', 'alice tools/call', 'purge_note', 'notes:admin']],
])('SCP-09 %s is counted apart', (_what, parts) => {
  const insistence = createInsistence()
  verdicts(MAX_CHALLENGES + 1, START, insistence)
  expect(insistence.isFutile(parts as string[], START)).toBe(false)
})

test('SCP-09 after a minute it is asked again', () => {
  const insistence = createInsistence()
  verdicts(MAX_CHALLENGES, START, insistence)
  expect(insistence.isFutile(ASKED, START + 59_999)).toBe(true)
  expect(insistence.isFutile(ASKED, START + 60_000)).toBe(false)
})
