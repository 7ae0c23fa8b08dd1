// The consent page: who asks, what for in plain words, what of it is new. Nothing is granted without its button.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import { type ClientShown, clientFacts, clientName, type FormTarget, hiddenFields } from './parts.ts'
import { shownName } from './shown-text.ts'

export interface ScopeShown {
  readonly scope: string
  /** From `authorization_server.scopes`; the scope itself when the file has no words for it. */
  readonly words: string
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

export function consentPage(parts: ConsentParts): Page {
  const { client, form, known, scopes } = parts
  const name = clientName(client)
  const more = known && scopes.some(({ isNew }) => isNew)
  const heading = more ? `${name} asks for more` : known ? `Connect ${name} again?` : `Connect ${name}?`
  return renderPage({
    title: heading,
    content: html`<h1>${heading}</h1>
<p>You are signed in as <strong>${shownName(parts.person)}</strong>.</p>
${clientFacts(client)}
<h2 id="wants">${more ? 'It could then' : 'It would be able to'}</h2>
${scopeList(parts)}
${parts.resources.length === 0 ? '' : html`<p class="soft">On ${parts.resources.join(', ')}</p>`}
<form method="post" action="${form.action}">
${hiddenFields(form)}
${offer(parts)}
<button type="submit" name="answer" value="allow">Allow</button>
<button type="submit" name="answer" value="refuse" class="quiet">Do not allow</button>
</form>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<p class="soft">Not you? <button type="submit" name="answer" value="another" class="quiet">Use another account</button></p>
</form>
<p class="soft">You can disconnect it at any time on <a href="/account">your account page</a>.</p>`,
  })
}

function scopeList({ scopes, known }: ConsentParts) {
  if (scopes.length === 0) return html`<p>Know who you are, and nothing else.</p>`
  return html`<ul class="plain" aria-labelledby="wants">
${scopes.map((scope) => html`<li>${shownName(scope.words)}${scopeName(scope)}${known && scope.isNew ? html`<span class="new">new</span>` : ''}</li>`)}
</ul>`
}

/** The field of what was ticked. */
export const TICKED = 'offered'

function offer({ offered }: ConsentParts) {
  if (offered.length === 0) return ''
  return html`<fieldset><legend>Asked for by a refused call</legend>
<p class="soft">It tried this a moment ago and was refused. It is not part of what it asks now; tick what it may do as well.</p>
${offered.map((scope) => html`<label class="tick"><input type="checkbox" name="${TICKED}" value="${scope.scope}"> <span>${shownName(scope.words)}${scopeName(scope)}</span></label>`)}
</fieldset>`
}

function scopeName({ scope, words }: Omit<ScopeShown, 'isNew'>) {
  return scope === words ? '' : html` <span class="soft">(${scope})</span>`
}
