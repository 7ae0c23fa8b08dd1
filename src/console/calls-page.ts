// The last calls: who, what, how it went and why, filtered as one types. Without script the form does the same, and the
// page shows what was there when it was asked for.
import { html } from 'hono/html'
import type { AdminPage } from '../http/admin-page.ts'
import { membersOf, parseJson } from '../lib/json.ts'
import { FILTER_FIELDS } from '../observe/call-filter.ts'
import type { CallMarks } from '../observe/joint-activity.ts'
import type { AllActivity } from './all-activity.ts'
import { callRows, FIRST_ROWS, MAX_ROWS, tallyWords } from './call-rows.ts'
import { answerPage, wideTable } from './page.ts'

export const callsPage =
  (activity: AllActivity): AdminPage['answer'] =>
  async (context, visit) => {
    const text = context.req.query('q') ?? ''
    const found = await activity.all({ text, after: {}, limit: FIRST_ROWS })
    const table = html`<table><thead><tr>
<th scope="col">Time (UTC)</th><th scope="col">Who</th><th scope="col">Client</th><th scope="col">Route</th>
<th scope="col">What</th><th scope="col">How it went</th><th scope="col">Rule</th>
<th scope="col" class="number">ms</th><th scope="col">Request</th>
</tr></thead><tbody data-rows data-limit="${MAX_ROWS}">${callRows(found.calls)}</tbody></table>`
    return answerPage(context, visit, {
      title: 'Calls',
      section: '/console/calls',
      content: html`<form class="filter" role="search" data-events="/console/calls/events">
<div><label for="q">Filter</label>
<input type="search" id="q" name="q" value="${text}" aria-describedby="fields" autocomplete="off" spellcheck="false"></div>
<button type="submit">Show</button>
<button type="button" class="quiet" data-pause hidden>Pause</button>
</form>
<p class="soft" id="fields">Words that all have to fit, such as <code>refused</code> or <code>tool:add_note subject:ada</code>.
By field: ${FILTER_FIELDS.map((name) => html`<code>${name}:</code> `)}</p>
<p><span data-tally>${tallyWords(found.calls.length, found, FIRST_ROWS)}</span> <span data-live role="status"></span></p>
${wideTable('Calls', table)}`,
    })
  }

/** The calls of this gateway, for the console of another. `after`: how far that has read, as `last` of an answer says. */
export const callsDocument =
  ({ own }: AllActivity): AdminPage['answer'] =>
  async (context) => {
    const { q: text = '', after, limit } = context.req.query()
    const count = Math.min(MAX_ROWS, Number.parseInt(limit ?? '', 10) || MAX_ROWS)
    return context.json(await own({ text, after: marksIn(after), limit: count }))
  }

function marksIn(text = '{}'): CallMarks {
  const marks = membersOf(parseJson(text)) ?? {}
  return Object.fromEntries(
    Object.entries(marks).flatMap(([name, mark]) => (typeof mark === 'number' ? [[name, mark]] : [])),
  )
}
