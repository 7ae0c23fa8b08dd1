// The account page: where a person is signed in, what they have connected, and the buttons that end it.
import { html } from 'hono/html'
import type { Markup } from './markup.ts'
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
import type { Locale, PlainTextKey, Sentence } from './texts/locale.ts'

export interface ConnectedClient {
  readonly client: ClientShown
  readonly scopes: readonly Sentence[]
  /** Epoch milliseconds. */
  readonly since: number
  /** When it last got a token; epoch milliseconds. Undefined: it has none. */
  readonly usedAt: number | undefined
}

/** A browser in which the person is signed in. Times are epoch milliseconds. */
export interface BrowserShown {
  readonly id: string
  /** What it calls itself; empty where that is not known. */
  readonly browser: string
  readonly address: string
  readonly beganAt: number
  readonly usedAt: number
  /** It is the one that looks at the page. */
  readonly isThis: boolean
}

export interface AccountParts {
  readonly person: string
  readonly connections: readonly ConnectedClient[]
  readonly browsers: readonly BrowserShown[]
  /** Where they change how they sign in, with the words for it; empty for whoever signs in elsewhere. */
  readonly ways: readonly { readonly path: string; readonly words: PlainTextKey }[]
  readonly disconnect: FormTarget
  readonly endBrowser: FormTarget
  readonly signOut: FormTarget
  readonly everywhere: FormTarget
  /** What was just done, to be announced. */
  readonly done?: Sentence | undefined
}

export const accountPage =
  (parts: AccountParts): Page =>
  (view) => {
    const { locale } = view
    const { connections, browsers, done } = parts
    const heading = locale.text('yourAccount')
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${done === undefined ? '' : html`<div class="note" role="status"><p>${locale.sentence(done)}</p></div>`}
${signedInAs(locale, parts.person)}
${waysIn(locale, parts)}
<h2 id="connected">${locale.text('connectedApplications')}</h2>
${
  connections.length === 0
    ? html`<p>${locale.text('nothingConnected')}</p>`
    : html`<ul class="plain" aria-labelledby="connected">${connections.map((one) => connectionItem(locale, one, parts.disconnect))}</ul>`
}
<h2 id="browsers">${locale.text('browsers')}</h2>
<ul class="plain" aria-labelledby="browsers">${browsers.map((one) => browserItem(locale, one, parts))}</ul>
<h2>${locale.text('signOutEverywhere')}</h2>
<p>${locale.text('everywhereMeans')}</p>
<form method="post" action="${parts.everywhere.action}">
${hiddenFields(parts.everywhere)}
<label class="tick"><input type="checkbox" name="apps" value="yes"> <span>${locale.text('disconnectAllToo')}</span></label>
<button type="submit" class="quiet">${locale.text('signOutEverywhere')}</button>
</form>`,
    })
  }

function waysIn(locale: Locale, { ways }: AccountParts): Markup | '' {
  if (ways.length === 0) return ''
  return html`<ul class="plain">${ways.map(({ path, words }) => html`<li><a href="${path}">${locale.text(words)}</a></li>`)}</ul>`
}

function connectionItem(locale: Locale, connection: ConnectedClient, form: FormTarget) {
  const { client, scopes, since, usedAt } = connection
  const able = scopes.map((scope) => shownName(locale.sentence(scope))).join('; ')
  return html`<li>
<p><strong>${clientName(locale, client)}</strong></p>
<dl>
${checkableFacts(locale, client)}
<dt>${locale.text('connectedSince')}</dt><dd>${locale.day(since)}</dd>
${usedAt === undefined ? '' : html`<dt>${locale.text('lastUsed')}</dt><dd>${locale.moment(usedAt)}</dd>`}
<dt>${locale.text('ableTo')}</dt><dd>${able === '' ? locale.text('knowWhoYouAre') : able}</dd>
</dl>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="client" value="${client.id}">
<button type="submit" class="quiet">${locale.text('disconnectClient', { client: clientName(locale, client) })}</button>
</form>
</li>`
}

function browserItem(locale: Locale, shown: BrowserShown, { signOut, endBrowser }: AccountParts) {
  const name = shown.browser === '' ? locale.text('unknownBrowser') : shown.browser
  const facts = `browser-${shown.id}`
  return html`<li>
<p><strong>${name}</strong>${shown.isThis ? html` <span class="badge">${locale.text('thisBrowser')}</span>` : ''}</p>
<dl class="facts" id="${facts}">
<dt>${locale.text('lastUsed')}</dt><dd>${locale.moment(shown.usedAt)}</dd>
<dt>${locale.text('signedInSince')}</dt><dd>${locale.day(shown.beganAt)}</dd>
<dt>${locale.text('signedInFrom')}</dt><dd>${shown.address}</dd>
</dl>
${shown.isThis ? ownForm(locale, signOut) : otherForm(locale, endBrowser, { id: shown.id, browser: name, facts })}
</li>`
}

function ownForm(locale: Locale, form: FormTarget) {
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<button type="submit" class="quiet">${locale.text('signOut')}</button>
</form>`
}

/** Browsers of one name are told apart by their facts. */
function otherForm(
  locale: Locale,
  form: FormTarget,
  { id, browser, facts }: { readonly id: string; readonly browser: string; readonly facts: string },
) {
  return html`<form method="post" action="${form.action}">
${hiddenFields(form)}
<input type="hidden" name="browser" value="${id}">
<button type="submit" class="quiet" aria-describedby="${facts}">${locale.text('signOutBrowser', { browser })}</button>
</form>`
}
