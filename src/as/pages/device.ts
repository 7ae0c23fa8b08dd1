// The pages of the device flow (RFC 8628 §3.3): a code is typed, then the person sees who asks and confirms. Built
// around the form that the engine makes, of which only its address and its token are taken.
import { html } from 'hono/html'
import { readEngineForm } from './engine-form.ts'
import { type Page, renderPage } from './page.ts'
import { type ClientShown, clientFacts, clientName, type FormProblem, problemNote } from './parts.ts'
import { shownName } from './shown-text.ts'

const TYPE = 'Type the code that the device or the program shows.'
/** RFC 8628 §5.4: a link may have been sent by somebody who wants their own device connected. */
const COMPARE = 'Go on only if you started this yourself, and the device or the program shows this very code.'

export function deviceEntryPage(form: string, typed: string, problem?: FormProblem): Page {
  const { action, token } = readEngineForm(form)
  const invalid = problem === undefined ? '' : html` aria-invalid="true" aria-describedby="problem"`
  return renderPage({
    title: problem === undefined ? 'Connect a device' : 'Problem: Connect a device',
    status: problem === undefined ? 200 : 400,
    content: html`${problemNote(problem && { ...problem, field: 'user_code' })}
<h1>Connect a device</h1>
<p>${typed === '' ? TYPE : COMPARE}</p>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<label for="user_code">Code</label>
<input type="text" class="code" id="user_code" name="user_code" value="${typed}" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="32" required${invalid}>
<button type="submit">Continue</button>
</form>`,
  })
}

export interface DeviceConfirmParts {
  readonly form: string
  readonly client: ClientShown
  readonly userCode: string
  /** Where the flow was started from, as the engine recorded it. */
  readonly address: string | undefined
  readonly scopes: readonly string[]
}

/** A41: client, address and scopes are shown, and a code in the link still asks. */
export function deviceConfirmPage(parts: DeviceConfirmParts): Page {
  const { action, token } = readEngineForm(parts.form)
  const { client, userCode, address, scopes } = parts
  return renderPage({
    title: 'Is this your device?',
    content: html`<h1>Is this your device?</h1>
${clientFacts(client)}
<dl>
<dt>Code</dt><dd class="code">${userCode}</dd>
${address === undefined ? '' : html`<dt>Started from</dt><dd>${address}</dd>`}
${scopes.length === 0 ? '' : html`<dt>It would be able to</dt><dd>${scopes.map(shownName).join('; ')}</dd>`}
</dl>
<div class="note warn" role="note"><p><strong>Go on only if you started this yourself</strong> and your device shows this
very code. Nobody who helps you needs you to do this.</p></div>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<input type="hidden" name="user_code" value="${userCode}">
<button type="submit" name="confirm" value="yes">Connect ${clientName(client)}</button>
<button type="submit" name="abort" value="yes" class="quiet">Cancel</button>
</form>`,
  })
}

export function deviceDonePage(name: string): Page {
  return renderPage({
    title: 'Connected',
    content: html`<h1>Connected</h1><p>${name} can go on. You can close this window.</p>`,
  })
}
