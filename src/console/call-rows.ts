// Calls as rows of a table, in a page and in its event stream: the same words as at a terminal, with the reason as the
// audit has it. Whatever somebody else chose is escaped here.
import { html } from 'hono/html'
import { visibleText } from '../core/visible.ts'
import { type ConsoleMarkup, shownText, shownTime } from './page.ts'
import type { ShownCall } from './shown-call.ts'
import type { ToldCalls } from './told.ts'

/** Rows that a page has. What is behind them is found by the filter. */
export const MAX_ROWS = 200
/** Rows that it has before it is live: Chromium paints no page before all of its rows are laid out. */
export const FIRST_ROWS = 50
/** In milliseconds: what is shorter is shown with a tenth. */
const TENTHS_BELOW = 10

export function callRows(calls: readonly ShownCall[]): ConsoleMarkup {
  return html`${calls.map(callRow)}`
}

function callRow(call: ShownCall): ConsoleMarkup {
  const { at, who, client, route, rule, isRefused, durationMs, id, gateway } = call
  const where = gateway === '' ? '' : html` <span class="soft">at ${shownText(gateway)}</span>`
  return html`<tr${isRefused ? html` class="refused"` : ''}>
<td>${shownTime(at)}</td>
<td>${shownText(who)}</td>
<td>${shownText(client)}</td>
<td>${shownText(route)}${where}</td>
<td>${subjectOf(call)}</td>
<td class="words">${outcomeOf(call)}</td>
<td>${shownText(rule)}</td>
<td class="number">${durationMs < TENTHS_BELOW ? durationMs.toFixed(1) : Math.round(durationMs)}</td>
<td><code>${shownText(id)}</code></td>
</tr>
`
}

function subjectOf({ method, target, others }: ShownCall): ConsoleMarkup {
  const more = others === 0 ? '' : ` and ${others} more`
  if (target === '') return html`${shownText(method)}${more}`
  return html`${shownText(target)} <span class="soft">${shownText(method)}</span>${more}`
}

function outcomeOf({ words, reason, detail, isRefused, status }: ShownCall): ConsoleMarkup {
  const code = reason === '' ? '' : html` <code>${shownText(reason)}</code>`
  const soft = isRefused ? detail : status < 300 ? '' : String(status)
  return html`${shownText(words)}${code}${soft === '' ? '' : html` <span class="soft">${shownText(soft)}</span>`}`
}

/** What stands beside the filter. @param shown rows that the page has now, of at most `most` */
export function tallyWords(
  shown: number,
  { kept, silent }: Pick<ToldCalls, 'kept' | 'silent'>,
  most = MAX_ROWS,
): string {
  const rows = shown >= most ? `The newest ${most} that fit` : `${shown} that fit`
  const away = silent.length === 0 ? '' : `; no answer from ${visibleText(silent.join(', '))}`
  return `${rows}, of ${kept} that are kept${away}.`
}
