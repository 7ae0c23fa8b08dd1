// The account page: what a person has connected, and the buttons that end it.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  checkableFacts,
  clientName,
  type FormTarget,
  hiddenFields,
  signedInAs,
} from './parts.ts'
import { shownName } from './shown-text.ts'
import type { Locale, Sentence } from './texts/locale.ts'

export interface ConnectedClient {
  readonly client: ClientShown
  readonly scopes: readonly Sentence[]
  /** Epoch milliseconds. */
  readonly since: number
}

export interface AccountParts {
  readonly person: string
  readonly connections: readonly ConnectedClient[]
  readonly disconnect: FormTarget
  readonly signOut: FormTarget
  /** What was just done, to be announced. */
  readonly done?: Sentence | undefined
}

export const accountPage =
  (parts: AccountParts): Page =>
  (view) => {
    const { locale } = view
    const { connections, done } = parts
    const heading = locale.text('yourAccount')
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${done === undefined ? '' : html`<div class="note" role="status"><p>${locale.sentence(done)}</p></div>`}
${signedInAs(locale, parts.person)}
<h2 id="connected">${locale.text('connectedApplications')}</h2>
${
  connections.length === 0
    ? html`<p>${locale.text('nothingConnected')}</p>`
    : html`<ul class="plain" aria-labelledby="connected">${connections.map((one) => connectionItem(locale, one, parts.disconnect))}</ul>`
}
<h2>${locale.text('thisBrowser')}</h2>
<form method="post" action="${parts.signOut.action}">
${hiddenFields(parts.signOut)}
<button type="submit" class="quiet">${locale.text('signOut')}</button>
</form>`,
    })
  }

function connectionItem(locale: Locale, { client, scopes, since }: ConnectedClient, form: FormTarget) {
  const able = scopes.map((scope) => shownName(locale.sentence(scope))).join('; ')
  return html`<li>
<p><strong>${clientName(locale, client)}</strong></p>
<dl>
${checkableFacts(locale, client)}
<dt>${locale.text('connectedSince')}</dt><dd>${locale.day(since)}</dd>
<dt>${locale.text('ableTo')}</dt><dd>${able === '' ? locale.text('knowWhoYouAre') : able}</dd>
</dl>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="client" value="${client.id}">
<button type="submit" class="quiet">${locale.text('disconnectClient', { client: clientName(locale, client) })}</button>
</form>
</li>`
}
