// Which of the protected servers a client means, where it does not say. The consent page for that one comes next.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import { type ClientShown, clientFacts, clientName, type FormTarget, hiddenFields } from './parts.ts'
import { shownName } from './shown-text.ts'

export interface ChoiceParts {
  readonly client: ClientShown
  readonly form: FormTarget
  readonly person: string
  /** URLs of the servers. */
  readonly resources: readonly string[]
}

export function choicePage({ client, form, person, resources }: ChoiceParts): Page {
  const heading = `Which server is ${clientName(client)} for?`
  return renderPage({
    title: heading,
    content: html`<h1>${heading}</h1>
<p>You are signed in as <strong>${shownName(person)}</strong>.</p>
${clientFacts(client)}
<p>It did not say which server it means. Choose the one that you gave it; you are asked before anything is allowed.</p>
<form method="post" action="${form.action}">
${hiddenFields(form)}
${resources.map((resource) => html`<button type="submit" name="resource" value="${resource}" class="quiet">${resource}</button>`)}
</form>`,
  })
}
