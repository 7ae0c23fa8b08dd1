// Calls that wait for somebody to approve them, and those that were just decided: who asks for what, and until when. With
// script the list stays as it is now. What was sent is on the page of each (approval-page.ts).
import { html } from 'hono/html'
import type { Approval } from '../approvals/approval.ts'
import { UNAVAILABLE } from '../core/shared-state.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { type AnswerEvents, eventText } from './event-stream.ts'
import { answerPage, type ConsoleMarkup, noteOf, shownText, shownTime, wideTable } from './page.ts'
import type { ConsoleSource } from './source.ts'

export type ApprovalsSource = Pick<ConsoleSource, 'approvals'>

export const APPROVALS_PATH = '/console/approvals'
/** Rows of the list; the oldest come first, so the others move up. */
const MAX_LISTED = 200
/** Between two looks at what waits, for all pages that are live. */
const LOOK_MS = 1_000

const DONE: Readonly<Record<string, string>> = {
  approve: 'Approved: the caller may now make the call, once.',
  deny: 'Denied: the call stays denied until its time is over.',
}

export const approvalsPage =
  (source: ApprovalsSource): AdminPage['answer'] =>
  (context, visit) => {
    const words = new Map(Object.entries(DONE)).get(context.req.query('done') ?? '')
    const note = words === undefined ? '' : noteOf('done', words)
    return showApprovals(source, context, visit, { note, status: 200 })
  }

export async function showApprovals(
  source: ApprovalsSource,
  context: AdminContext,
  visit: AdminVisit,
  { note, status }: { readonly note: ConsoleMarkup | ''; readonly status: 200 | 404 | 409 | 503 },
): Promise<Response> {
  return answerPage(context, visit, {
    title: 'Approvals',
    section: APPROVALS_PATH,
    content: html`${note}<div data-view="${APPROVALS_PATH}/events">${await listOf(source)}</div>`,
    status,
  })
}

/** The list is the same for whoever may look, so one look is for all of them. */
export function approvalEvents(source: ApprovalsSource, answer: AnswerEvents): AdminPage['answer'] {
  let [looked, due]: [Promise<string> | undefined, number] = [undefined, 0]
  const look = (): Promise<string> => {
    if (looked !== undefined && performance.now() < due) return looked
    due = performance.now() + LOOK_MS
    looked = listOf(source).then(String)
    return looked
  }
  return (context, visit) => {
    let told = ''
    return answer(context, visit, {
      async next() {
        const view = await look()
        if (view === told) return undefined
        told = view
        return eventText('all', { view })
      },
    })
  }
}

async function listOf({ approvals }: ApprovalsSource): Promise<ConsoleMarkup> {
  const all = await approvals.list()
  if (all === UNAVAILABLE)
    return noteOf('warn', 'What gateways share does not answer, so nobody knows what waits.')
  if (all.length === 0) return html`<p>Nothing waits for approval.</p>`
  const left = all.length - MAX_LISTED
  const table = html`<table><thead><tr><th scope="col">Tool</th><th scope="col">Route</th><th scope="col">Caller</th>
<th scope="col">Client</th><th scope="col">State</th><th scope="col">Asked (UTC)</th><th scope="col">Until (UTC)</th></tr></thead>
<tbody>${all.slice(0, MAX_LISTED).map(rowOf)}</tbody></table>`
  return html`${wideTable('Approvals', table)}${left > 0 ? html`<p>${left} more came later.</p>` : ''}`
}

function rowOf(approval: Approval): ConsoleMarkup {
  const { id, call, askedAt, until } = approval
  const { tool, route, subject, client = '' } = call
  return html`<tr><th scope="row"><a href="${APPROVALS_PATH}/call?id=${id}">${shownText(tool)}</a></th><td>${shownText(route)}</td>
<td>${shownText(subject)}</td><td>${shownText(client)}</td><td>${shownText(stateWords(approval))}</td>
<td>${shownTime(askedAt)}</td><td>${shownTime(until)}</td></tr>
`
}

/** `waiting`, `approved by operator ada`. */
export function stateWords({ state, decidedBy }: Approval): string {
  return decidedBy === undefined ? state : `${state} by ${decidedBy.name}`
}
