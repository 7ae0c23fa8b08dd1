// A picture of the policy of one route: each tool, prompt and resource that its rules name, who may use it, and with
// which scopes; and what enforcing would have refused of the calls that are kept, where something is only observed.
import { html } from 'hono/html'
import type { RouteSettings } from '../core/settings.ts'
import type { AdminPage } from '../http/admin-page.ts'
import type { RecentCall } from '../observe/recent-call.ts'
import { refusalWords } from '../observe/refusal-words.ts'
import { type MatrixLine, matrixOf } from '../policy/matrix.ts'
import { answerPage, type ConsoleMarkup, shownText, wideTable } from './page.ts'
import type { ConsoleSource } from './source.ts'

/** A picture is made of policies of at most so many rules, since each is held against each. */
const MAX_PICTURED_RULES = 500
/** Scopes that have a column of their own; with more, they stand in words. */
const MAX_SCOPE_COLUMNS = 10
/** Kept calls in which observed refusals are looked for. */
const MAX_OBSERVED_CALLS = 10_000
/** Kinds of observed refusals that are shown. */
const MAX_OBSERVED_KINDS = 50

export const policyPage =
  ({ settings, activity }: ConsoleSource): AdminPage['answer'] =>
  async (context, visit) => {
    const { routes } = settings()
    const asked = context.req.query('route')
    const route = routes.find(({ name }) => name === asked) ?? routes[0]
    const text = `observed: route:${route?.name ?? ''}`
    const { calls } = await activity.find({ text, after: {}, limit: MAX_OBSERVED_CALLS })
    const observed = calls.filter((call) => call.route === route?.name)
    return answerPage(context, visit, {
      title: 'Policy',
      section: '/console/policy',
      content: html`${routeForm(routes, route)}
${route === undefined ? '' : html`${picture(route)}<h2>What is only observed</h2>${observedTable(route, observed)}`}`,
    })
  }

function routeForm(routes: readonly RouteSettings[], chosen: RouteSettings | undefined): ConsoleMarkup {
  const options = routes.map(
    ({ name }) =>
      html`<option value="${name}"${name === chosen?.name ? html` selected` : ''}>${name}</option>`,
  )
  return html`<form class="filter" action="/console/policy"><div><label for="route">Route</label>
<select id="route" name="route">${options}</select></div><button type="submit">Show</button></form>`
}

function picture(route: RouteSettings): ConsoleMarkup {
  const { policy } = route
  const start = html`<p>What no line speaks of is ${policy.default === 'deny' ? 'denied' : 'allowed with the baseline'}.
${policy.mode === 'observe' ? 'The whole policy is only observed.' : ''}
${policy.remote === undefined ? '' : 'Rules for tools come from elsewhere (policy.source); these are those of the file.'}</p>`
  if (policy.rules.length > MAX_PICTURED_RULES)
    return html`${start}<p>This policy has ${policy.rules.length} rules: <code>portcullis matrix --route ${route.name}</code> prints them.</p>`
  const lines = matrixOf(route)
  const scopes = [...new Set(lines.flatMap((line) => line.scopes.flat()))]
  const columns = scopes.length <= MAX_SCOPE_COLUMNS ? scopes : []
  const isWide = columns.length < scopes.length
  return html`${start}${wideTable(
    'Policy',
    html`<table><thead><tr><th scope="col">What</th><th scope="col">Who</th>${columns.map((scope) => html`<th scope="col">${shownText(scope)}</th>`)}
${isWide ? html`<th scope="col">Scopes</th>` : ''}<th scope="col">When</th><th scope="col">Rule</th></tr></thead>
<tbody>${lines.flatMap((line) => waysOf(line).map((way) => wayRow(line, way, columns, isWide)))}</tbody></table>`,
  )}`
}

/** Each set of scopes is a way in; a denial is one line too. */
function waysOf({ effect, scopes }: MatrixLine): readonly (readonly string[])[] {
  return effect === 'deny' ? [[]] : scopes
}

function wayRow(
  { kind, target, who, effect, when, rule, observed }: MatrixLine,
  way: readonly string[],
  columns: readonly string[],
  isWide: boolean,
): ConsoleMarkup {
  const isDenied = effect === 'deny'
  const cells = columns.map((scope) => html`<td>${isDenied ? '' : way.includes(scope) ? 'needed' : ''}</td>`)
  const denied = isDenied ? html` <strong>denied</strong>` : ''
  return html`<tr${isDenied ? html` class="refused"` : ''}><th scope="row">${shownText(target)} <span class="soft">${kind}</span>${denied}</th>
<td class="words">${shownText(who)}</td>${cells}${isWide ? html`<td class="words">${shownText(way.join(' '))}</td>` : ''}
<td class="words"><code>${shownText(when)}</code></td><td>${shownText(rule)}${observed ? html` <span class="badge">only observed</span>` : ''}</td></tr>
`
}

interface ObservedKind {
  readonly call: RecentCall
  readonly count: number
}

function observedTable({ policy }: RouteSettings, calls: readonly RecentCall[]): ConsoleMarkup {
  const isObserved = policy.mode === 'observe' || policy.rules.some(({ mode }) => mode === 'observe')
  if (calls.length === 0)
    return html`<p>${isObserved ? 'Enforcing would have refused none of the calls that are kept.' : 'Every rule of this route is enforced.'}</p>`
  const kinds = kindsOf(calls)
  const rows = kinds.slice(0, MAX_OBSERVED_KINDS).map(observedRow)
  return html`<p>Enforcing would have refused ${calls.length} of the calls that are kept${kinds.length > rows.length ? `, of ${kinds.length} kinds; these are the most frequent` : ''}.</p>
${wideTable(
  'Observed',
  html`<table><thead><tr><th scope="col" class="number">Calls</th><th scope="col">Who</th><th scope="col">What</th>
<th scope="col">What enforcing says</th></tr></thead><tbody>${rows}</tbody></table>`,
)}`
}

/** The most frequent first. */
function kindsOf(calls: readonly RecentCall[]): readonly ObservedKind[] {
  const kinds = new Map<string, ObservedKind>()
  for (const call of calls) {
    const key = JSON.stringify([call.issuer, call.subject, call.target, call.method, call.would])
    kinds.set(key, { call, count: (kinds.get(key)?.count ?? 0) + 1 })
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count)
}

function observedRow({ call, count }: ObservedKind): ConsoleMarkup {
  const { subject, address, target, method, would } = call
  return html`<tr><td class="number">${count}</td><td>${shownText(subject === '' ? address : subject)}</td>
<td>${shownText(target === '' ? method : target)}</td>
<td class="words">${would === undefined ? '' : html`${shownText(refusalWords(would))} <code>${would.reason}</code>`}</td></tr>
`
}
