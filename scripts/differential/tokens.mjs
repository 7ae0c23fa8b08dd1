// Tokens that were changed somewhere: the gateway accepts those that jose and a second strict reading accept.
import fc from 'fast-check'
import { changedToken, isAcceptedByJose, isAcceptedByOurs } from '../../test/support/changed-tokens.ts'

const BATCH = 10_000
/** Looked at together, since jose works in the thread pool. */
const AT_ONCE = 50
const MAX_SHOWN = 10

export async function compareTokens({ count, seed }) {
  const totals = { tokens: 0, accepted: 0, wrong: 0 }
  for (let done = 0; done < count; done += BATCH) {
    const tokens = fc.sample(changedToken, { seed: seed + done, numRuns: Math.min(BATCH, count - done) })
    for (let at = 0; at < tokens.length; at += AT_ONCE)
      await Promise.all(tokens.slice(at, at + AT_ONCE).map((token) => compareToken(token, totals)))
    const { tokens: seen, accepted, wrong } = totals
    if ((done / BATCH) % 10 === 9 || done + BATCH >= count)
      console.log(`${seen} tokens, ${accepted} accepted, ${wrong} wrong`)
  }
  return totals.wrong
}

async function compareToken(token, totals) {
  const [ours, theirs] = await Promise.all([isAcceptedByOurs(token), isAcceptedByJose(token)])
  totals.tokens += 1
  if (ours) totals.accepted += 1
  if (ours === theirs) return
  totals.wrong += 1
  if (totals.wrong <= MAX_SHOWN) console.log(`${ours ? 'only the gateway' : 'only jose'} accepts ${token}`)
}
