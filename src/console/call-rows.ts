// Recent calls as rows of a table, in a page and in its event stream: the same words as at a terminal, with the reason
// as the audit has it.
import { html } from 'hono/html'
import { outcomeWords } from '../observe/access-entry.ts'
import type { JointCalls } from '../observe/joint-activity.ts'
import type { RecentCall } from '../observe/recent-call.ts'
import { refusalWords } from '../observe/refusal-words.ts'
import { type ConsoleMarkup, shownText, shownTime } from './page.ts'

/** Rows that a page has. What is behind them is found by the filter. */
export const MAX_ROWS = 200
/** In milliseconds: what is shorter is shown with a tenth. */
const TENTHS_BELOW = 10

export function callRows(calls: readonly RecentCall[]): ConsoleMarkup {
  return html`${calls.map(callRow)}`
}

function callRow(call: RecentCall): ConsoleMarkup {
  const { subject, address, client, route, rule, refusal, durationMs, id, at } = call
  return html`<tr${refusal === undefined ? '' : html` class="refused"`}>
<td>${shownTime(at)}</td>
<td>${shownText(subject === '' ? address : subject)}</td>
<td>${shownText(client)}</td>
<td>${shownText(route)}</td>
<td>${subjectOf(call)}</td>
<td class="words">${outcomeOf(call)}</td>
<td>${shownText(rule)}</td>
<td class="number">${durationMs < TENTHS_BELOW ? durationMs.toFixed(1) : Math.round(durationMs)}</td>
<td><code>${id}</code></td>
</tr>
`
}

function subjectOf({ method, target, others }: RecentCall): ConsoleMarkup {
  const more = others === 0 ? '' : ` and ${others} more`
  if (target === '') return html`${shownText(method)}${more}`
  return html`${shownText(target)} <span class="soft">${shownText(method)}</span>${more}`
}

function outcomeOf(call: RecentCall): ConsoleMarkup {
  const { refusal, would, status } = call
  if (refusal !== undefined)
    return html`${shownText(refusalWords(refusal))} <code>${refusal.reason}</code>${detailOf(call)}`
  const reason = would === undefined ? '' : html` <code>${would.reason}</code>`
  const isSaid = status >= 300 ? html` <span class="soft">${status}</span>` : ''
  return html`${shownText(outcomeWords(call))}${reason}${isSaid}`
}

/** For the operator, as in the audit. */
function detailOf({ refusal }: RecentCall): ConsoleMarkup | '' {
  if (refusal === undefined || !('detail' in refusal)) return ''
  return html` <span class="soft">${shownText(refusal.detail)}</span>`
}

/** What stands beside the filter. @param shown rows that the page has now */
export function tallyWords(shown: number, { kept, silent }: Pick<JointCalls, 'kept' | 'silent'>): string {
  const rows = shown >= MAX_ROWS ? `The newest ${MAX_ROWS} that fit` : `${shown} that fit`
  const away = silent.length === 0 ? '' : `; no answer from ${silent.join(', ')}`
  return `${rows}, of ${kept} that are kept${away}.`
}
