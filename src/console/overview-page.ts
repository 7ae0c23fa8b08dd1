// Routes, with what their issuers and upstreams said last, and the charts of the last hour. With script it stays as it
// is now; a part of the page in which the keyboard is stays until it has left.
import { html } from 'hono/html'
import type { Readiness } from '../core/readiness.ts'
import type { PartStatus } from '../core/route.ts'
import type { Settings } from '../core/settings.ts'
import type { AdminPage } from '../http/admin-page.ts'
import { minuteOf } from '../observe/minute-counts.ts'
import type { AllActivity } from './all-activity.ts'
import { chartsOf } from './chart.ts'
import { type AnswerEvents, eventText } from './event-stream.ts'
import { answerPage, type ConsoleMarkup, shownText, wideTable } from './page.ts'
import type { Peer, PeerState } from './peers.ts'
import type { ConsoleSource } from './source.ts'

interface OverviewSource extends ConsoleSource {
  readonly all: AllActivity
  readonly peers: () => readonly Peer[]
}

/** Routes that the page has; the others are in /readyz. */
const MAX_SHOWN_ROUTES = 500
/** Between two looks of a page that is live, in milliseconds. */
const OVERVIEW_MS = 2_000

export const overviewPage =
  (source: OverviewSource): AdminPage['answer'] =>
  async (context, visit) =>
    answerPage(context, visit, {
      title: 'Routes',
      section: '/console',
      content: html`<div data-view="/console/events">${await overview(source)}</div>`,
    })

export const overviewEvents =
  (source: OverviewSource, answer: AnswerEvents): AdminPage['answer'] =>
  (context, visit) => {
    let told = ''
    let due = 0
    return answer(context, visit, {
      async next() {
        if (performance.now() < due) return undefined
        due = performance.now() + OVERVIEW_MS
        const view = String(await overview(source))
        if (view === told) return undefined
        told = view
        return eventText('all', { view })
      },
    })
  }

async function overview({ settings, readiness, all, peers }: OverviewSource): Promise<ConsoleMarkup> {
  const others = peers()
  const [now, counted, ...states] = await Promise.all([
    readiness(),
    all.minutes(),
    ...others.map((peer) => peer.state()),
  ])
  const shown = now.routes.slice(0, MAX_SHOWN_ROUTES)
  const parts = [...(now.sign_in ?? []), ...(now.state === undefined ? [] : [now.state])]
  const table = html`<table><thead><tr><th scope="col">Route</th><th scope="col">Part</th><th scope="col">State</th>
<th scope="col">Answered</th><th scope="col">What it said last</th></tr></thead>
<tbody>${shown.flatMap((route) => routeRows(route, settings()))}${parts.map((part) => partRow('', part))}</tbody></table>`
  const left = now.routes.length - shown.length
  return html`${stateOf(now)}
${chartsOf(counted.minutes, minuteOf(Date.now()))}
${wideTable('Routes', table)}
${left === 0 ? '' : html`<p>${left} more routes are in /readyz.</p>`}
${peersTable(others, states)}
<p class="soft">${scopeWords(now, others.length, counted.gateways)}</p>`
}

function stateOf({ ready, draining, configuration, audit }: Readiness): ConsoleMarkup {
  const { refused, restart_needed: waiting } = configuration
  const notes = [
    draining ? 'The gateway is ending: it takes no new requests.' : '',
    refused === undefined
      ? ''
      : `What serves is not what the file says, since ${refused.since}: ${refused.why}`,
    waiting === undefined ? '' : `At the next start takes effect: ${waiting.join(', ')}`,
    audit.failures === 0 ? '' : `Audit lines that could not be written: ${audit.failures}`,
  ]
  return html`<p>The gateway is ${stateWords(ready)}.</p>
${notes.filter((words) => words !== '').map((words) => html`<div class="note warn"><p>${shownText(words)}</p></div>`)}`
}

function routeRows(
  { name, parts }: Readiness['routes'][number],
  { publicUrl, routes }: Settings,
): readonly ConsoleMarkup[] {
  const path = routes.find((route) => route.name === name)?.path ?? ''
  const heading = html`${shownText(name)} <span class="soft">${shownText(publicUrl + path)}</span>`
  return parts.map((part, index) => partRow(index === 0 ? heading : '', part))
}

function partRow(heading: ConsoleMarkup | '', { name, ready, ageMs, lastError }: PartStatus): ConsoleMarkup {
  return html`<tr>${heading === '' ? html`<td></td>` : html`<th scope="row">${heading}</th>`}<td>${shownText(name)}</td>
<td>${stateWords(ready)}</td><td>${ageMs === undefined ? 'never' : `${shownAge(ageMs)} ago`}</td>
<td class="words">${shownText(lastError ?? '')}</td></tr>
`
}

function stateWords(ready: boolean): ConsoleMarkup {
  return ready ? html`<span class="state">ready</span>` : html`<span class="state no">not ready</span>`
}

/** `45 s`, `3 min`, `2 h`. */
function shownAge(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

/** Routes are those of this gateway; the charts are of all that answered. */
function scopeWords({ workers }: Readiness, peers: number, counted: number): string {
  const states = workers?.map(({ worker, state, deaths }) => `${worker} is ${state} (${deaths} deaths)`)
  const own = states === undefined ? '' : `, with all its workers: ${states.join(', ')}`
  const charts = peers === 0 ? '' : ` The charts are of ${counted} of ${peers + 1} gateways.`
  return `The routes are what this gateway sees${peers === 0 ? ', and no other' : ''}${own}.${charts}`
}

function peersTable(peers: readonly Peer[], states: readonly PeerState[]): ConsoleMarkup | '' {
  if (peers.length === 0) return ''
  const rows = peers.map(({ name, url }, place) => {
    const state = states[place] ?? { away: '' }
    const words = 'ready' in state ? stateWords(state.ready) : html`<span class="state no">away</span>`
    return html`<tr><th scope="row"><a href="${url}/console">${shownText(name)}</a></th><td>${words}</td><td class="words">${shownText('away' in state ? state.away : '')}</td></tr>
`
  })
  return wideTable(
    'Other gateways',
    html`<table><thead><tr><th scope="col">Gateway</th><th scope="col">State</th><th scope="col">Why</th></tr></thead><tbody>${rows}</tbody></table>`,
  )
}
