// The pages of the device flow (RFC 8628 §3.3): a code is typed, then the person sees who asks and confirms. Built
// around the form that the engine makes, of which only its address and its token are taken.
import { html } from 'hono/html'
import { readEngineForm } from './engine-form.ts'
import { type Page, renderPage } from './page.ts'
import {
  type ClientShown,
  clientFacts,
  clientName,
  clientWarning,
  type FormProblem,
  formTitle,
  problemNote,
  warning,
} from './parts.ts'
import { shownName } from './shown-text.ts'
import type { Sentence } from './texts/locale.ts'

/** RFC 8628 §5.4: a link may have been sent by somebody who wants their own device connected, so its code is compared. */
export const deviceEntryPage =
  (form: string, typed: string, problem?: FormProblem): Page =>
  (view) => {
    const { locale } = view
    const { action, token } = readEngineForm(form)
    const invalid = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
    const heading = locale.text('connectDevice')
    return renderPage(view, {
      title: formTitle(locale, heading, problem),
      status: problem === undefined ? 200 : 400,
      content: html`${problemNote(locale, problem && { ...problem, field: 'user_code' })}
<h1>${heading}</h1>
<p>${locale.text(typed === '' ? 'typeCode' : 'compareCode')}</p>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<label for="user_code">${locale.text('code')}</label>
<input type="text" class="code" id="user_code" name="user_code" value="${typed}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="32" required${invalid}>
<button type="submit">${locale.text('continue')}</button>
</form>`,
    })
  }

export interface DeviceConfirmParts {
  readonly form: string
  readonly client: ClientShown
  readonly userCode: string
  /** Where the flow was started from, as the engine recorded it. */
  readonly address: string | undefined
  readonly scopes: readonly Sentence[]
}

/** A41: client, address and scopes are shown, and a code in the link still asks. */
export const deviceConfirmPage =
  (parts: DeviceConfirmParts): Page =>
  (view) => {
    const { locale } = view
    const { action, token } = readEngineForm(parts.form)
    const { client, userCode, address, scopes } = parts
    const heading = locale.text('isThisYourDevice')
    const able = scopes.map((scope) => shownName(locale.sentence(scope))).join('; ')
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
${clientWarning(locale, client)}
${clientFacts(locale, client)}
<dl>
<dt>${locale.text('code')}</dt><dd class="code">${userCode}</dd>
${address === undefined ? '' : html`<dt>${locale.text('startedFrom')}</dt><dd>${address}</dd>`}
${able === '' ? '' : html`<dt>${locale.text('wouldBeAble')}</dt><dd>${able}</dd>`}
</dl>
${warning(locale.text('onlyIfStarted'), locale.text('sameCode'))}
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<input type="hidden" name="user_code" value="${userCode}">
<button type="submit" name="confirm" value="yes">${locale.text('connectClient', { client: clientName(locale, client) })}</button>
<button type="submit" name="abort" value="yes" class="quiet">${locale.text('cancel')}</button>
</form>`,
    })
  }

export const deviceDonePage =
  (name: string | undefined): Page =>
  (view) => {
    const { locale } = view
    const heading = locale.text('connected')
    const client = clientName(locale, { name })
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1><p>${locale.text('canGoOn', { client })}</p>`,
    })
  }
