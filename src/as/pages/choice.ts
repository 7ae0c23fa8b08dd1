// Which of the protected servers a client means, where it does not say. The consent page for that one comes next.
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

export interface ChoiceParts {
  readonly client: ClientShown
  readonly form: FormTarget
  readonly person: string
  /** URLs of the servers. */
  readonly resources: readonly string[]
}

export const choicePage =
  ({ client, form, person, resources }: ChoiceParts): Page =>
  (view) => {
    const { locale } = view
    const heading = locale.text('whichServer', { client: clientName(locale, client) })
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${signedInAs(locale, person)}
${clientFacts(locale, client)}
<p>${locale.text('chooseServer')}</p>
<form method="post" action="${form.action}">
${hiddenFields(form)}
${resources.map((resource) => html`<button type="submit" name="resource" value="${resource}" class="quiet">${resource}</button>`)}
</form>`,
    })
  }
