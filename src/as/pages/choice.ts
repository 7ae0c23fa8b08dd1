// Which of the protected servers a client means, where it does not say. The consent page for that one comes next.
import { html } from 'hono/html'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  clientFacts,
  clientName,
  clientWarning,
  type FormTarget,
  hiddenFields,
  type ServerShown,
  serverName,
  signedInAs,
} from './parts.ts'

export interface ChoiceParts {
  readonly client: ClientShown
  readonly form: FormTarget
  readonly person: string
  readonly servers: readonly ServerShown[]
}

export function choicePage({ client, form, person, servers }: ChoiceParts): Page {
  return (view) => {
    const { locale } = view
    const heading = locale.text('whichServer', { client: clientName(locale, client) })
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${signedInAs(locale, person)}
${clientWarning(locale, client)}
${clientFacts(locale, client)}
<p>${locale.text('chooseServer')}</p>
<form method="post" action="${form.action}">
${hiddenFields(form)}
${servers.map(
  (server) =>
    html`<button type="submit" name="resource" value="${server.url}" class="quiet">${server.title === undefined ? '' : html`${serverName(server)}<br>`}<span class="soft">${server.url}</span></button>`,
)}
</form>`,
    })
  }
}
