// The frame of every page: document, style, who runs the gateway, and the headers that keep a page to itself. Nothing from
// another origin, and no script but on a page with a form for passkeys, which browsers give to scripts alone. Images are in
// the page.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { Branding } from '../../core/branding.ts'
import type { HtmlPage } from '../people.ts'
import type { Markup } from './markup.ts'
import { styleOf } from './style.ts'
import type { Locale } from './texts/locale.ts'

/** What is known of the visit when the page is written. */
export interface View {
  readonly locale: Locale
  readonly branding: Branding
  /** Id of the request, as the log has it; undefined where nobody gave it one. */
  readonly requestId: string | undefined
}

/** A page before it is known who looks at it. */
export type Page = (view: View) => HtmlPage

/** A gate, for whoever has no logo. */
export const OUR_ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1d4ed8"/><path d="M4 13V7a4 4 0 0 1 8 0v6M8 3.5V13M4.2 7.5h7.6M4 10.5h8" fill="none" stroke="#fff" stroke-width="1.2"/></svg>`,
)}`

/**
 * A23, A54, RFC 9700 §4.2. `form-action` is 'self': what leads out of here after a form is a page of its own, since
 * Chromium applies form-action to redirects as well. Images are those that stand in the page.
 */
function policyFor(style: string, script: string | undefined): string {
  return [
    "default-src 'none'; img-src data:",
    `style-src ${sourceOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${sourceOf(script)}`]),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
}

/** CSP Level 3 §2.3.1: this very text, and no other. */
function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** WebAuthn Level 3 §5.9, §5.10 */
const NO_PASSKEYS = 'publickey-credentials-create=(), publickey-credentials-get=()'
const OWN_PASSKEYS = 'publickey-credentials-create=(self), publickey-credentials-get=(self)'

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'accept-language', // RFC 9110 §12.5.5
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export interface PageParts {
  readonly title: string
  readonly content: Markup
  readonly status?: number
  /** Same-origin path that the page goes on to by itself: the way out after a form (see policyFor). */
  readonly goesTo?: string
  /** Of passkeys: the only one that there is (see passkey-form.ts). */
  readonly script?: string | undefined
}

export function renderPage({ locale, branding }: View, parts: PageParts): HtmlPage {
  const { title, content, goesTo, script } = parts
  const style = styleOf(branding.colour)
  const refresh = goesTo === undefined ? '' : html`<meta http-equiv="refresh" content="0; url=${goesTo}">`
  const document = html`<!doctype html>
<html lang="${locale.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${refresh}
<title>${title}</title>
<link rel="icon" href="${branding.logo ?? OUR_ICON}">
<style>${raw(style)}</style>
</head>
<body>
<header>${branding.logo === undefined ? '' : html`<img src="${branding.logo}" alt="">`}${branding.name ?? branding.host}</header>
<main>
${content}
</main>
<footer>${footer(locale, branding)}</footer>${script === undefined ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>
`
  const headers = {
    ...PAGE_HEADERS,
    'permissions-policy': `camera=(), geolocation=(), microphone=(), ${script === undefined ? NO_PASSKEYS : OWN_PASSKEYS}`,
    'content-security-policy': policyFor(style, script),
  }
  return { status: parts.status ?? 200, headers, body: String(document) }
}

/** The host stands there whatever the name says: the name is the operator's, the host is what can be checked. */
function footer(locale: Locale, { host, name, support, privacy, terms }: Branding): Markup {
  const links = (
    [
      ['support', support],
      ['privacy', privacy],
      ['terms', terms],
    ] as const
  ).flatMap(([key, url]) =>
    url === undefined ? [] : [html` · <a href="${url}" rel="noreferrer">${locale.text(key)}</a>`],
  )
  const runBy = name === undefined ? host : locale.text('runBy', { name, host })
  return html`<p>${runBy}${links}</p>
<p>${locale.text('protectedBy')}</p>`
}

/** A way out by redirect: 303 only, so that a form's body never travels on (A06, RFC 9700 §4.12). */
export function seeOther(location: string): HtmlPage {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}
