// Routes with a manifest: what their servers list now and was not approved, with the old and the new words, and the form
// that approves what is ticked. What changed since a page was shown is shown anew.
import { html } from 'hono/html'
import type { ManifestChange } from '../core/manifest.ts'
import type { AdminContext, AdminPage, AdminVisit } from '../http/admin-page.ts'
import { type ChangedValue, changedValues } from '../manifest/compare.ts'
import {
  approveDrift,
  findDrift,
  hasManifest,
  keyOfChange,
  type ManifestDrift,
  type RouteWithManifest,
} from './drift.ts'
import { formFields, formToken } from './form.ts'
import { answerPage, type ConsoleMarkup, noteOf, redirectTo, shownText } from './page.ts'
import type { ConsoleSource } from './source.ts'

/** Changes of one page; the others come when these are approved. */
const MAX_CHANGES = 200
/** Items that an audit line names. */
const MAX_NAMED_ITEMS = 20

export const manifestsPage =
  (source: ConsoleSource): AdminPage['answer'] =>
  (context, visit) => {
    const done = context.req.query('approved')
    return showManifests(source, context, visit, {
      route: context.req.query('route'),
      note:
        done === undefined
          ? ''
          : noteOf('done', `Approved: ${Number.parseInt(done, 10) || 0} changes. They are in force.`),
    })
  }

export const approveManifest =
  (source: ConsoleSource): AdminPage['answer'] =>
  async (context, visit) => {
    const form = await formFields(context)
    const name = form.get('route') ?? undefined
    const again = (words: string) =>
      showManifests(source, context, visit, { route: name, note: noteOf('warn', words), status: 409 })
    const route = source
      .settings()
      .routes.filter(hasManifest)
      .find((each) => each.name === name)
    if (route === undefined) return again('Nothing was approved: there is no such route.')
    const found = await findDrift(source, route)
    if (!found.ok) return again(`Nothing was approved: ${found.problem}`)
    if (found.drift.digest !== form.get('shown'))
      return again(
        'Nothing was approved: the server or the manifest has changed since the page was shown. This is how it is now.',
      )
    const keys = new Set(form.getAll('item'))
    if (keys.size === 0) return again('Nothing was approved: nothing was ticked.')
    const approved = approveDrift(route, found.drift, keys)
    visit.record({ event: 'manifest_approved', detail: detailOf(route, approved) })
    await source.refresh('admin')
    return redirectTo(
      context,
      `/console/manifests?route=${encodeURIComponent(route.name)}&approved=${approved.length}`,
    )
  }

function detailOf({ name }: RouteWithManifest, approved: readonly ManifestChange[]): string {
  const named = approved
    .slice(0, MAX_NAMED_ITEMS)
    .map((change) => `${change.kind} ${change.name} ${change.change}`)
  const more = approved.length > named.length ? `, and ${approved.length - named.length} more` : ''
  return `route ${name}: ${named.join(', ')}${more}`
}

interface ShownManifests {
  /** The name that was asked for; the first one where there is none of that name. */
  readonly route: string | undefined
  readonly note: ConsoleMarkup | ''
  readonly status?: 200 | 409
}

async function showManifests(
  source: ConsoleSource,
  context: AdminContext,
  visit: AdminVisit,
  { route: name, note, status = 200 }: ShownManifests,
): Promise<Response> {
  const routes = source.settings().routes.filter(hasManifest)
  const route = routes.find((each) => each.name === name) ?? routes[0]
  const found = route && (await findDrift(source, route))
  const content =
    route === undefined || found === undefined
      ? html`<p>No route names a <code>manifest</code>, so what servers list is not held against anything.</p>`
      : html`${routeForm(routes, route)}
<p>Held against <code>${shownText(route.manifest.file)}</code>; on drift: <code>${route.manifest.onDrift}</code>.</p>
${found.ok ? driftForm(route, found.drift, visit) : noteOf('warn', `The server could not be asked: ${found.problem}. \`portcullis drift\` can be given a token.`)}`
  return answerPage(context, visit, {
    title: 'Manifests',
    section: '/console/manifests',
    content: html`${note}${content}`,
    status,
  })
}

function routeForm(routes: readonly RouteWithManifest[], chosen: RouteWithManifest): ConsoleMarkup {
  const options = routes.map(
    ({ name }) =>
      html`<option value="${name}"${name === chosen.name ? html` selected` : ''}>${name}</option>`,
  )
  return html`<form class="filter" action="/console/manifests"><div><label for="route">Route</label>
<select id="route" name="route">${options}</select></div><button type="submit">Show</button></form>`
}

function driftForm(route: RouteWithManifest, drift: ManifestDrift, visit: AdminVisit): ConsoleMarkup {
  const { changes, digest } = drift
  if (changes.length === 0) return html`<p>The server lists what was approved, and nothing else.</p>`
  const shown = changes.slice(0, MAX_CHANGES)
  const mayApprove = visit.operator.rights.has('approve')
  const left = changes.length - shown.length
  return html`<p>${changes.length} ${changes.length === 1 ? 'thing differs' : 'things differ'}. What is approved is what models will read.</p>
<form method="post" action="/console/manifests/approve">
${formToken(visit)}<input type="hidden" name="route" value="${route.name}">
<input type="hidden" name="shown" value="${digest}">
${shown.map((change) => changeOf(change, drift, mayApprove))}
${left === 0 ? '' : html`<p>${left} more are shown when these are approved.</p>`}
${mayApprove ? html`<button type="submit">Approve what is ticked</button>` : html`<p class="soft">To approve needs the right <code>approve</code>.</p>`}
</form>`
}

function changeOf(
  change: ManifestChange,
  { approved, live }: ManifestDrift,
  mayApprove: boolean,
): ConsoleMarkup {
  const key = keyOfChange(change)
  const heading = html`<strong>${shownText(change.name)}</strong> <span class="soft">${change.kind}, ${change.change}</span>`
  const title = mayApprove
    ? html`<label class="tick"><input type="checkbox" name="item" value="${key}"> <span>${heading}</span></label>`
    : html`<p>${heading}</p>`
  return html`<fieldset class="change"><legend class="soft">${change.kind} ${change.change}</legend>${title}
<dl>${changedValues(change, approved, live).map(changedMember)}</dl></fieldset>
`
}

function changedMember({ member, before, now }: ChangedValue): ConsoleMarkup {
  return html`<dt>${shownText(member)}</dt><dd>${diffLine('del', 'was', before)}${diffLine('ins', 'is', now)}</dd>`
}

function diffLine(tag: 'del' | 'ins', word: string, value: unknown): ConsoleMarkup | '' {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const shown = html`<span class="soft">${word}</span> ${shownText(text)}`
  return tag === 'del' ? html`<del>${shown}</del>` : html`<ins>${shown}</ins>`
}
