// The pages on the way into the console: sign in, enter by a link of the terminal, and what went wrong. They look like
// the pages for people, and say nothing of what runs behind.
import { html } from 'hono/html'
import type { Markup } from '../as/pages/markup.ts'
import { renderPage } from '../as/pages/page.ts'
import { localeFor } from '../as/pages/texts/locale.ts'
import type { Branding } from '../core/branding.ts'
import { CONSOLE_PATH, ENTER_PATH, PEOPLE_PATH, SIGN_IN_PATH } from '../core/console-paths.ts'

export interface WayPage {
  readonly title: string
  readonly content: Markup
  readonly status?: number
  /** Path that the page goes on to by itself. */
  readonly goesTo?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** @param cookies Set-Cookie values */
export function answerWay(branding: Branding, page: WayPage, cookies: readonly string[] = []): Response {
  const view = { locale: localeFor('en'), branding, requestId: undefined }
  const { status, headers, body } = renderPage(view, page)
  const answer = new Response(body, { status, headers: { ...headers, ...page.headers } })
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
  return answer
}

/** What there is to sign in with. */
export interface WaysIn {
  readonly tokens: boolean
  /** The name of the issuer where people sign in, as the file has it. */
  readonly people: string | undefined
}

export function consoleSignInPage({ tokens, people }: WaysIn): WayPage {
  return {
    title: 'Sign in to the console',
    content: html`<h1>Sign in to the console</h1>
${people === undefined ? '' : html`<p><a href="${PEOPLE_PATH}">Sign in at <strong>${people}</strong></a></p>`}
${tokens ? TOKEN_FORM : ''}
<p class="soft">A gateway that is started at a terminal prints a link there, which opens the console once.</p>`,
  }
}

const TOKEN_FORM = html`<form method="post" action="${SIGN_IN_PATH}">
<label for="token">Token</label>
<input type="password" id="token" name="token" autocomplete="off" maxlength="1024" required>
<button type="submit">Sign in</button>
</form>`

/** Only the button spends the word: what fetches links ahead of a person presses none. */
export function enterPage(word: string): WayPage {
  return {
    title: 'Open the console',
    content: html`<h1>Open the console</h1>
<form method="post" action="${ENTER_PATH}">
<input type="hidden" name="word" value="${word}">
<button type="submit">Open the console</button>
</form>
<p class="soft">The link is good once, and for ten minutes.</p>`,
  }
}

/** A page of its own: a browser that comes from elsewhere sends the cookie with what it asks for next. */
export function arrivedPage(name: string): WayPage {
  return {
    title: 'Signed in',
    goesTo: CONSOLE_PATH,
    content: html`<h1>Signed in</h1>
<p role="status">Signed in as <strong>${name}</strong>.</p>
<p><a href="${CONSOLE_PATH}">Open the console</a></p>`,
  }
}

export function refusedPage(status: number, sentence: string): WayPage {
  return {
    title: 'That did not work',
    status,
    content: html`<h1>That did not work</h1>
<div class="note bad" role="alert"><p>${sentence}</p></div>
<p><a href="${SIGN_IN_PATH}">Sign in</a></p>`,
  }
}

/** RFC 6585 §4 */
export function tooManyPage(seconds: number): WayPage {
  const page = refusedPage(429, 'Too many attempts came from this address. Wait a little, then try again.')
  return { ...page, headers: { 'retry-after': String(seconds) } }
}
