// What is shown where a page or a change has failed: the log has why.
import { html } from 'hono/html'
import type { AdminContext, AdminVisit } from '../http/admin-page.ts'
import { answerPage } from './page.ts'

export function failedPage(context: AdminContext, visit: AdminVisit): Response {
  return answerPage(context, visit, {
    title: 'It could not be done',
    section: '',
    content: html`<p>A part that this needs has failed, such as the data of the authorization server, or the manifest could not be
written or loaded. The process log says which. Look at the page again before you repeat a change: it may have been made.</p>`,
    status: 503,
  })
}
