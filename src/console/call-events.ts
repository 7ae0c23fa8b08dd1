// The calls that fit a filter, as they end, in rows of the table: first `all`, then `new`. Whoever reads too slowly
// misses nothing but rows that would have left the table.
import type { AdminPage } from '../http/admin-page.ts'
import type { CallMarks, JointActivity } from '../observe/joint-activity.ts'
import { callRows, MAX_ROWS, tallyWords } from './call-rows.ts'
import { type AnswerEvents, eventText, type News } from './event-stream.ts'
import { shownCall } from './shown-call.ts'
import type { ConsoleSource } from './source.ts'

export const callEvents =
  ({ activity }: ConsoleSource, answer: AnswerEvents): AdminPage['answer'] =>
  (context, visit) =>
    answer(context, visit, callNews(activity, context.req.query('q') ?? ''))

function callNews(activity: JointActivity, text: string): News {
  let after: CallMarks | undefined
  let shown = 0
  return {
    async next() {
      const isFirst = after === undefined
      const found = await activity.find({ text, after: after ?? {}, limit: MAX_ROWS })
      const { calls, last } = found
      after = last
      if (calls.length === 0 && !isFirst) return undefined
      shown = Math.min(MAX_ROWS, shown + calls.length)
      const rows = String(callRows(calls.map(shownCall)))
      return eventText(isFirst ? 'all' : 'new', { rows, tally: tallyWords(shown, found) })
    },
  }
}
