// Answers of upstreams: what the gateway's reader accepts, node's HTTP client has to take for the same status, headers and
// body, and to see the end of it at the same byte. And the reader has to say the same however many bytes come at a time.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { changedAnswer, takenByNodeWithin, takenByOurs } from '../../test/support/changed-answers.ts'

const BATCH = 10_000
/** Answers that node reads at one time. */
const AT_ONCE = 200
const MAX_SHOWN = 10

export async function compareAnswers({ count, seed }) {
  const totals = { answers: 0, accepted: 0, refused: 0, wrong: 0 }
  const known = [] // kept from one answer to the next, as an upstream's connections do
  for (let done = 0; done < count; done += BATCH) {
    const numRuns = Math.min(BATCH, count - done)
    const answers = fc.sample(changedAnswer, { seed: seed + done, numRuns })
    totals.answers += numRuns
    const accepted = answers.map((bytes) => takenByOurs(bytes, known)).filter((taken) => taken !== undefined)
    for (const bytes of answers) compareAtOnce(bytes, known, totals)
    for (let at = 0; at < accepted.length; at += AT_ONCE)
      await Promise.all(accepted.slice(at, at + AT_ONCE).map((taken) => compareWithNode(taken, totals)))
    totals.accepted += accepted.length
    totals.refused += numRuns - accepted.length
    if ((done / BATCH) % 10 === 9 || done + BATCH >= count) console.log(said(totals))
  }
  return totals.wrong
}

function said({ answers, accepted, refused, wrong }) {
  return `${answers} answers, ${accepted} accepted, ${refused} refused by ours, ${wrong} wrong`
}

async function compareWithNode(taken, totals) {
  const theirs = await takenByNodeWithin(taken)
  if (!isDeepStrictEqual(theirs, taken.whole)) tell(totals, taken.bytes, 'node', theirs, taken.whole)
}

/** What comes byte by byte against what comes in one piece; that has more to it where something follows the answer. */
function compareAtOnce(bytes, known, totals) {
  const slowly = takenByOurs(bytes, known)
  const at = takenByOurs(bytes, known, Math.max(1, bytes.length))
  const alike = slowly?.untilClose === at?.untilClose && isDeepStrictEqual(slowly?.whole, at?.whole)
  if (!alike) tell(totals, bytes, 'the same reader, all at once,', at?.whole, slowly?.whole)
}

function tell(totals, bytes, who, theirs, ours) {
  totals.wrong += 1
  if (totals.wrong > MAX_SHOWN) return
  const [read, mine] = [theirs, ours].map((whole) => JSON.stringify(whole) ?? 'nothing')
  console.log(`${who} reads ${read}, the gateway ${mine}: ${JSON.stringify(bytes.toString('latin1'))}`)
}
