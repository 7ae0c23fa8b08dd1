// What the reader of tokens accepts, held against a second reading with jose (6.2), for thousands of changed tokens.
// `npm run differential tokens` does the same with as many as one likes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedToken, isAcceptedByJose, isAcceptedByOurs } from '../support/changed-tokens.ts'

test('J84 a changed token is accepted where jose and a strict reading accept it, and nowhere else', {
  timeout: 60_000,
}, async () => {
  const tokens = fc.sample(changedToken, { seed: 20_261_130, numRuns: 8_000 })
  const wrong: string[] = []
  let accepted = 0
  for (const token of tokens) {
    const [ours, theirs] = await Promise.all([isAcceptedByOurs(token), isAcceptedByJose(token)])
    if (ours !== theirs) wrong.push(`${ours ? 'ours' : 'jose'} accepts ${token}`)
    if (ours) accepted += 1
  }
  expect(wrong).toEqual([])
  expect(accepted).toBeGreaterThan(500)
  expect(accepted).toBeLessThan(7_500)
})
