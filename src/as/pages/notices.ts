// Pages that only say something: an error, the end of a session, the way out to a client.
import { html } from 'hono/html'
import { readEngineForm } from './engine-form.ts'
import type { Markup } from './markup.ts'
import { type Page, renderPage } from './page.ts'
import { type FormTarget, hiddenFields } from './parts.ts'
import type { Locale, PlainTextKey, Sentence } from './texts/locale.ts'

/** G3: words of ours only; never what a provider or a query said. */
export function errorPage(status: number, sentence: Sentence): Page {
  return failurePage(status, sentence, (locale) => html`<p>${locale.text('startAgain')}</p>`)
}

/** RFC 6585 §4 */
export function waitPage(seconds: number): Page {
  return (view) => {
    const told = errorPage(429, 'tooOften')(view)
    return { ...told, headers: { ...told.headers, 'retry-after': String(seconds) } }
  }
}

/** An error after which the person may try again, at a path of ours. */
export function retryPage(status: number, sentence: Sentence, again: string): Page {
  return failurePage(
    status,
    sentence,
    (locale) => html`<p><a href="${again}">${locale.text('tryAnotherAccount')}</a></p>`,
  )
}

function failurePage(status: number, sentence: Sentence, advice: (locale: Locale) => Markup): Page {
  return (view) => {
    const { locale, requestId: id } = view
    const heading = locale.text('didNotWork')
    return renderPage(view, {
      title: heading,
      status,
      content: html`<h1>${heading}</h1>
<div class="note bad" role="alert"><p>${locale.sentence(sentence)}</p></div>
${advice(locale)}
${id === undefined ? '' : html`<p class="soft">${locale.text('reference', { id })}</p>`}`,
    })
  }
}

export const signedOutPage: Page = statusPage('signedOut', 'youAreSignedOut')

export const signedOutEverywherePage: Page = statusPage('signedOut', 'signedOutEverywhere')

export const signedInPage: Page = statusPage('signedIn', 'youAreSignedIn')

function statusPage(title: PlainTextKey, status: PlainTextKey): Page {
  return (view) => {
    const { locale } = view
    return renderPage(view, {
      title: locale.text(title),
      content: html`<h1>${locale.text(title)}</h1><p role="status">${locale.text(status)}</p>`,
    })
  }
}

/** After a link to get in again was used. */
export const resetDonePage: Page = (view) => {
  const { locale } = view
  const heading = locale.text('getInAgain')
  return renderPage(view, {
    title: heading,
    content: html`<h1>${heading}</h1><p role="status">${locale.text('resetDone')}</p>
<p><a href="/account">${locale.text('yourAccount')}</a></p>`,
  })
}

/** G4: a GET only asks. */
export function signOutPage(form: FormTarget): Page {
  return (view) => {
    const { locale } = view
    const heading = locale.text('signOutQuestion')
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
<form method="post" action="${form.action}">
${hiddenFields(form)}
<button type="submit">${locale.text('signOut')}</button>
</form>`,
    })
  }
}

/** RP-initiated logout of the engine (OpenID Connect RP-Initiated Logout §2): it asks before it signs out. */
export function engineSignOutPage(form: string): Page {
  return (view) => {
    const { locale } = view
    const { action, token } = readEngineForm(form)
    const heading = locale.text('signOutQuestion')
    return renderPage(view, {
      title: heading,
      content: html`<h1>${heading}</h1>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${token}">
<button type="submit" name="logout" value="yes">${locale.text('signOut')}</button>
<button type="submit" class="quiet">${locale.text('staySignedIn')}</button>
</form>`,
    })
  }
}

/**
 * The step between our form and a redirect to somewhere else. Chromium holds redirects of a form against
 * `form-action`, so the way out is a navigation of its own.
 */
export function leavingPage(path: string): Page {
  return (view) => {
    const { locale } = view
    const heading = locale.text('oneMoment')
    const link = html`<a href="${path}">${locale.text('continue')}</a>`
    return renderPage(view, {
      title: heading,
      goesTo: path,
      content: html`<h1>${heading}</h1><p>${locale.markup('continueIfNothing', { link })}</p>`,
    })
  }
}
