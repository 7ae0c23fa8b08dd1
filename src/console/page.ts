// The frame of every page of the console: document, sections, who looks at it, and the headers that keep a page to
// itself. Nothing from another origin; script and style are files of ours.
import { html } from 'hono/html'
import { OUR_ICON } from '../as/pages/page.ts'
import { SIGN_OUT_PATH } from '../core/console-paths.ts'
import { visibleText } from '../core/visible.ts'
import type { AdminContext, AdminVisit } from '../http/admin-page.ts'

/** What hono/html makes of a template without promises in it. */
export type ConsoleMarkup = ReturnType<typeof html>

export interface ConsolePageParts {
  readonly title: string
  /** The path of the section. */
  readonly section: string
  readonly content: ConsoleMarkup
  readonly status?: 200 | 403 | 404 | 409 | 503
}

/** In the order in which they stand in each page. */
const SECTIONS: readonly (readonly [path: string, words: string])[] = [
  ['/console', 'Routes'],
  ['/console/calls', 'Calls'],
  ['/console/policy', 'Policy'],
  ['/console/approvals', 'Approvals'],
  ['/console/manifests', 'Manifests'],
  ['/console/people', 'People'],
  ['/console/settings', 'Settings'],
]

/** A23, A54: no script or style but those files, no frame around it, no form to elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
].join('; ')

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export function answerPage(context: AdminContext, visit: AdminVisit, parts: ConsolePageParts): Response {
  const { title, section, content, status = 200 } = parts
  const links = SECTIONS.map(([path, words]) => sectionLink(path, words, path === section))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Portcullis</title>
<link rel="icon" href="${OUR_ICON}">
<link rel="stylesheet" href="/console/style.css">
<script src="/console/script.js" defer></script>
</head>
<body>
<header>
<a class="skip" href="#content">To the content</a>
<span>Portcullis <span class="soft">${shownText(visit.operator.name)}</span></span>${signOut(visit)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
</header>
<main id="content">
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`
  return context.body(String(page), status, HEADERS)
}

/** Of a session; whoever shows a token has none. */
function signOut({ formToken }: AdminVisit): ConsoleMarkup | '' {
  if (formToken === '') return ''
  return html`<form method="post" action="${SIGN_OUT_PATH}"><input type="hidden" name="csrf" value="${formToken}">
<button type="submit" class="link">Sign out</button></form>`
}

function sectionLink(path: string, words: string, isHere: boolean): ConsoleMarkup {
  return html`<li><a href="${path}"${isHere ? html` aria-current="page"` : ''}>${words}</a></li>`
}

/** A text that somebody else may have chosen: nothing in it acts, hides, or turns what stands around it. */
export function shownText(text: string): ConsoleMarkup {
  return html`<bdi>${visibleText(text)}</bdi>`
}

/** A wide table, which is moved sideways by itself, also with the keyboard. */
export function wideTable(name: string, table: ConsoleMarkup): ConsoleMarkup {
  return html`<div class="wide" role="region" aria-label="${name}" tabindex="0">${table}</div>`
}

/** What was done, or was not, read first and announced. */
export function noteOf(kind: 'done' | 'warn', words: string): ConsoleMarkup {
  const role = kind === 'done' ? 'status' : 'alert'
  return html`<div class="note${kind === 'warn' ? ' warn' : ''}" role="${role}"><p>${shownText(words)}</p></div>`
}

/** After a form: 303, so that to load the page again sends nothing. */
export function redirectTo(context: AdminContext, path: string): Response {
  return context.redirect(path, 303)
}

/** A form that shows the page again with what is typed. */
export function filterForm(action: string, text: string): ConsoleMarkup {
  return html`<form class="filter" role="search" action="${action}"><div><label for="q">Filter</label>
<input type="search" id="q" name="q" value="${text}" autocomplete="off" spellcheck="false"></div><button type="submit">Show</button></form>`
}

/** In UTC; with its day where that is not today's. */
export function shownTime(epochMs: number): ConsoleMarkup {
  const [day = '', time = ''] = new Date(epochMs).toISOString().split('T')
  const isToday = day === new Date().toISOString().slice(0, day.length)
  return html`<time datetime="${day}T${time}">${isToday ? '' : `${day} `}${time.slice(0, 'HH:MM:SS'.length)}</time>`
}
