// SCP-09: after so many identical challenges the next is not sent, until the time has passed.
import { expect, test } from 'vitest'
import { createChallengeLoops, MAX_CHALLENGES } from '../../src/limits/challenge-loop.ts'

const START = 1_800_000_000_000
const ALICE = 'corp alice'
const ASKED = ['cli', 'tools/call', 'purge_note', 'notes:admin']
const BOUNDS = { size: 100, share: 25 }

function verdicts(count: number, now: number, challengeLoops = createChallengeLoops(BOUNDS)): boolean[] {
  return Array.from({ length: count }, () => challengeLoops.isFutile(ALICE, ASKED, now))
}

test('SCP-09 the first challenges are sent, the next are not', () => {
  const expected = [...Array<boolean>(MAX_CHALLENGES).fill(false), true, true]
  expect(verdicts(MAX_CHALLENGES + 2, START)).toEqual(expected)
})

test.each([
  ['another caller', 'corp bob', ASKED],
  ['another client of the same person', ALICE, ['other', ...ASKED.slice(1)]],
  ['another tool', ALICE, [ASKED[0], ASKED[1], 'save_note', ASKED[3]]],
  ['other scopes', ALICE, [...ASKED.slice(0, 3), 'notes:write']],
  ['the same letters, cut elsewhere', 'corp', ['alice cli', ...ASKED.slice(1)]],
])('SCP-09 %s is counted apart', (_what, caller, challenge) => {
  const challengeLoops = createChallengeLoops(BOUNDS)
  verdicts(MAX_CHALLENGES + 1, START, challengeLoops)
  expect(challengeLoops.isFutile(caller, challenge as string[], START)).toBe(false)
})

test('D60 what one caller insists on pushes out nobody else’s count', () => {
  const challengeLoops = createChallengeLoops(BOUNDS)
  verdicts(MAX_CHALLENGES, START, challengeLoops)
  for (let n = 0; n < 1_000; n += 1) challengeLoops.isFutile('corp mallory', [String(n)], START)
  expect(verdicts(1, START, challengeLoops)).toEqual([true])
})

test('SCP-09 after a minute it is asked again', () => {
  const challengeLoops = createChallengeLoops(BOUNDS)
  verdicts(MAX_CHALLENGES, START, challengeLoops)
  expect(challengeLoops.isFutile(ALICE, ASKED, START + 59_999)).toBe(true)
  expect(challengeLoops.isFutile(ALICE, ASKED, START + 60_000)).toBe(false)
})
