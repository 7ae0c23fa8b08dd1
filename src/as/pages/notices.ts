// Pages that only say something: an error, the end of a session, the way out to a client.
import { html } from 'hono/html'
import { readEngineForm } from './engine-form.ts'
import { type Page, renderPage } from './page.ts'
import { type FormTarget, hiddenFields } from './parts.ts'

/** G3: words of ours only; never what a provider or a query said. `id` is what an operator finds in the log. */
export function errorPage(status: number, sentence: string, id?: string): Page {
  return renderPage({
    title: 'This did not work',
    status,
    content: html`<h1>This did not work</h1>
<div class="note bad" role="alert"><p>${sentence}</p></div>
<p>Go back to the application that you came from and start again.</p>
${id === undefined ? '' : html`<p class="soft">Reference: ${id}</p>`}`,
  })
}

/** RFC 6585 §4 */
export function waitPage(seconds: number): Page {
  const told = errorPage(429, 'This was tried too often from here. Wait a few minutes.')
  return { ...told, headers: { ...told.headers, 'retry-after': String(seconds) } }
}

/** An error after which the person may try again, at a path of ours. */
export function retryPage(status: number, sentence: string, again: string): Page {
  return renderPage({
    title: 'This did not work',
    status,
    content: html`<h1>This did not work</h1>
<div class="note bad" role="alert"><p>${sentence}</p></div>
<p><a href="${again}">Try again, with another account</a></p>`,
  })
}

export function signedOutPage(): Page {
  return renderPage({
    title: 'Signed out',
    content: html`<h1>Signed out</h1><p role="status">You are signed out in this browser. You can close this window.</p>`,
  })
}

export function signedInPage(): Page {
  return renderPage({
    title: 'Signed in',
    content: html`<h1>Signed in</h1><p role="status">You are signed in. You can close this window.</p>`,
  })
}

/** G4: a GET only asks. */
export function signOutPage(form: FormTarget): Page {
  return renderPage({
    title: 'Sign out?',
    content: html`<h1>Sign out?</h1>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<button type="submit">Sign out</button>
</form>`,
  })
}

/** RP-initiated logout of the engine (OpenID Connect RP-Initiated Logout §2): it asks before it signs out. */
export function engineSignOutPage(form: string): Page {
  const { action, token } = readEngineForm(form)
  return renderPage({
    title: 'Sign out?',
    content: html`<h1>Sign out?</h1>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<button type="submit" name="logout" value="yes">Sign out</button>
<button type="submit" class="quiet">Stay signed in</button>
</form>`,
  })
}

/**
 * The step between our form and a redirect to somewhere else. Chromium holds redirects of a form against
 * `form-action`, so the way out is a navigation of its own.
 */
export function leavingPage(path: string): Page {
  return renderPage({
    title: 'One moment',
    goesTo: path,
    content: html`<h1>One moment</h1><p><a href="${path}">Continue</a> if nothing happens.</p>`,
  })
}
