// The account page: what a person has connected, and the buttons that end it.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import { type ClientShown, checkableFacts, clientName, type FormTarget, hiddenFields } from './parts.ts'
import { shownName } from './shown-text.ts'

export interface ConnectedClient {
  readonly client: ClientShown
  readonly scopes: readonly string[]
  /** Epoch milliseconds. */
  readonly since: number
}

export interface AccountParts {
  readonly person: string
  readonly connections: readonly ConnectedClient[]
  readonly disconnect: FormTarget
  readonly signOut: FormTarget
  /** What was just done, to be announced. */
  readonly done?: string | undefined
}

export function accountPage(parts: AccountParts): Page {
  const { connections } = parts
  return renderPage({
    title: 'Your account',
    content: html`<h1>Your account</h1>
${parts.done === undefined ? '' : html`<div class="note" role="status"><p>${parts.done}</p></div>`}
<p>You are signed in as <strong>${shownName(parts.person)}</strong>.</p>
<h2 id="connected">Connected applications</h2>
${
  connections.length === 0
    ? html`<p>Nothing is connected.</p>`
    : html`<ul class="plain" aria-labelledby="connected">${connections.map((one) => connectionItem(one, parts.disconnect))}</ul>`
}
<h2>This browser</h2>
<form method="post" action="${parts.signOut.action}">
${hiddenFields(parts.signOut)}
<button type="submit" class="quiet">Sign out</button>
</form>`,
  })
}

function connectionItem({ client, scopes, since }: ConnectedClient, form: FormTarget) {
  return html`<li>
<p><strong>${clientName(client)}</strong></p>
<dl>
${checkableFacts(client)}
<dt>Connected since</dt><dd>${new Date(since).toISOString().slice(0, 10)}</dd>
<dt>It is able to</dt><dd>${scopes.length === 0 ? 'Know who you are' : scopes.map(shownName).join('; ')}</dd>
</dl>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="client" value="${client.id}">
<button type="submit" class="quiet">Disconnect ${clientName(client)}</button>
</form>
</li>`
}
