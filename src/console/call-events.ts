// The calls that fit a filter, as they end, in rows of the table: first `all`, then `new`. Whoever reads too slowly
// misses nothing but rows that would have left the table. Peers are asked beside it, so that none of them delays what
// this gateway has to tell.
import type { AdminPage } from '../http/admin-page.ts'
import type { CallMarks } from '../observe/joint-activity.ts'
import { type AllActivity, joinTold } from './all-activity.ts'
import { callRows, MAX_ROWS, tallyWords } from './call-rows.ts'
import { type AnswerEvents, eventText, type News } from './event-stream.ts'
import type { ToldCalls } from './told.ts'

/** Between two looks at peers. */
const PEERS_LOOK_MS = 1_000

export const callEvents =
  (activity: AllActivity, answer: AnswerEvents): AdminPage['answer'] =>
  (context, visit) =>
    answer(context, visit, callNews(activity, context.req.query('q') ?? ''))

function callNews(activity: AllActivity, text: string): News {
  let shown = 0
  let after: CallMarks | undefined
  const peers = createPeerReader(activity, text)
  const eventOf = (name: 'all' | 'new', told: ToldCalls): string => {
    shown = Math.min(MAX_ROWS, shown + told.calls.length)
    return eventText(name, { rows: String(callRows(told.calls)), tally: tallyWords(shown, told) })
  }
  return {
    async next() {
      const isFirst = after === undefined
      const own = activity.own({ text, after: after ?? {}, limit: MAX_ROWS })
      const told = joinTold([await own, isFirst ? await peers.first() : peers.take()], MAX_ROWS)
      after = (await own).last
      return told.calls.length === 0 && !isFirst ? undefined : eventOf(isFirst ? 'all' : 'new', told)
    },
  }
}

/** Asks peers again and again, one question at a time. */
function createPeerReader(activity: AllActivity, text: string) {
  let told: ToldCalls = { calls: [], last: {}, kept: 0, silent: [] }
  let isAsking = false
  let due = 0
  const ask = async (): Promise<void> => {
    isAsking = true
    const fresh = await activity.peers({ text, after: told.last, limit: MAX_ROWS })
    told = { ...fresh, calls: [...fresh.calls, ...told.calls] }
    isAsking = false
    due = performance.now() + PEERS_LOOK_MS
  }
  /** What came since it was asked last. */
  const take = (): ToldCalls => {
    const taken = told
    told = { ...told, calls: [] }
    if (!isAsking && performance.now() >= due) void ask()
    return taken
  }
  return {
    take,
    async first(): Promise<ToldCalls> {
      await ask()
      return take()
    },
  }
}
