// The consent page: who asks, what for in plain words, what of it is new. Nothing is granted without its button.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  clientFacts,
  clientName,
  type FormTarget,
  hiddenFields,
  signedInAs,
} from './parts.ts'
import { shownName } from './shown-text.ts'
import type { Locale, Sentence } from './texts/locale.ts'

export interface ScopeShown {
  readonly scope: string
  /** From `authorization_server.scopes`; the scope itself when the file has no words for it. */
  readonly words: Sentence
  /** Not granted to this client the last time. */
  readonly isNew: boolean
}

export interface ConsentParts {
  readonly client: ClientShown
  readonly form: FormTarget
  readonly person: string
  /** The protected servers it is about. */
  readonly resources: readonly string[]
  readonly scopes: readonly ScopeShown[]
  /** What a call of the client was refused for, and this request does not ask for. */
  readonly offered: readonly Omit<ScopeShown, 'isNew'>[]
  /** Whether the client was allowed something before, so that "new" means something. */
  readonly known: boolean
}

export const consentPage =
  (parts: ConsentParts): Page =>
  (view) => {
    const { locale } = view
    const { client, form, known, scopes, resources } = parts
    const more = known && scopes.some(({ isNew }) => isNew)
    const heading = locale.text(more ? 'asksForMore' : known ? 'connectAgain' : 'connect', {
      client: clientName(locale, client),
    })
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${signedInAs(locale, parts.person)}
${clientFacts(locale, client)}
<h2 id="wants">${locale.text(more ? 'couldThen' : 'wouldBeAble')}</h2>
${scopeList(locale, parts)}
${resources.length === 0 ? '' : html`<p class="soft">${locale.text('onServers', { servers: resources.join(', ') })}</p>`}
<form method="post" action="${form.action}">
${hiddenFields(form)}
${offer(locale, parts)}
<button type="submit" name="answer" value="allow">${locale.text('allow')}</button>
<button type="submit" name="answer" value="refuse" class="quiet">${locale.text('doNotAllow')}</button>
</form>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<p class="soft">${locale.text('notYou')} <button type="submit" name="answer" value="another" class="quiet">${locale.text('useAnotherAccount')}</button></p>
</form>
<p class="soft">${locale.markup('disconnectAnyTime', { page: html`<a href="/account">${locale.text('yourAccountPage')}</a>` })}</p>`,
    })
  }

function scopeList(locale: Locale, { scopes, known }: ConsentParts) {
  if (scopes.length === 0) return html`<p>${locale.text('nothingElse')}</p>`
  return html`<ul class="plain" aria-labelledby="wants">
${scopes.map((scope) => html`<li>${scopeShown(locale, scope)}${known && scope.isNew ? html`<span class="new">${locale.text('isNew')}</span>` : ''}</li>`)}
</ul>`
}

/** The field of what was ticked. */
export const TICKED = 'offered'

function offer(locale: Locale, { offered }: ConsentParts) {
  if (offered.length === 0) return ''
  return html`<fieldset><legend>${locale.text('askedByRefusedCall')}</legend>
<p class="soft">${locale.text('triedAndRefused')}</p>
${offered.map((scope) => html`<label class="tick"><input type="checkbox" name="${TICKED}" value="${scope.scope}"> <span>${scopeShown(locale, scope)}</span></label>`)}
</fieldset>`
}

function scopeShown(locale: Locale, { scope, words }: Omit<ScopeShown, 'isNew'>) {
  const said = locale.sentence(words)
  return said === scope ? shownName(scope) : html`${shownName(said)} <span class="soft">(${scope})</span>`
}
