// The consent page: who asks, what for in plain words, what of it is new. Nothing is granted without its button.
import { html } from 'hono/html'
import { type Page, page } from './page.ts'
import { type ClientShown, clientFacts, clientName, type FormTarget, hidden } from './parts.ts'
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
  /** Whether the client was allowed something before, so that "new" means something. */
  readonly known: boolean
}

export function consentPage(parts: ConsentParts): Page {
  const { client, form, known, scopes } = parts
  const name = clientName(client)
  const more = known && scopes.some(({ isNew }) => isNew)
  const heading = more ? `${name} asks for more` : known ? `Connect ${name} again?` : `Connect ${name}?`
  return page({
    title: heading,
    content: html`<h1>${heading}</h1>
<p>You are signed in as <strong>${shownName(parts.person)}</strong>.</p>
${clientFacts(client)}
<h2 id="wants">${more ? 'It could then' : 'It would be able to'}</h2>
${scopeList(parts)}
${parts.resources.length === 0 ? '' : html`<p class="soft">On ${parts.resources.join(', ')}</p>`}
<form method="post" action="${form.action}">
${hidden(form)}
<button type="submit" name="answer" value="allow">Allow</button>
<button type="submit" name="answer" value="refuse" class="quiet">Do not allow</button>
</form>
<form method="post" action="${form.action}">
${hidden(form)}
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

function scopeName({ scope, words }: ScopeShown) {
  return scope === words ? '' : html` <span class="soft">(${scope})</span>`
}
