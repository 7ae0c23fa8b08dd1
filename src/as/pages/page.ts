// The frame of every page: document, style, and the headers that keep it to itself. No script, no image, nothing
// from another origin; it works with JavaScript switched off because there is none.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { HtmlPage } from '../people.ts'
import type { Markup } from './markup.ts'
import { STYLE } from './style.ts'
import type { Locale } from './texts/locale.ts'

/** What is known of the visit when the page is written. */
export interface View {
  readonly locale: Locale
  /** Id of the request, as the log has it; undefined where nobody gave it one. */
  readonly requestId: string | undefined
}

/** A page before it is known who looks at it. */
export type Page = (view: View) => HtmlPage

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

// A23, A54, RFC 9700 §4.2. `form-action` is 'self': what leads out of here after a form is a page of its own,
// since Chromium applies form-action to redirects as well.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'accept-language', // RFC 9110 §12.5.5
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), publickey-credentials-get=()',
}

export interface PageParts {
  readonly title: string
  readonly content: Markup
  readonly status?: number
  /** Same-origin path that the page goes on to by itself: the way out after a form (see POLICY). */
  readonly goesTo?: string
}

export function renderPage({ locale }: View, parts: PageParts): HtmlPage {
  const { title, content, goesTo } = parts
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
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
${content}
</main>
<footer><p>${locale.text('protectedBy')}</p></footer>
</body>
</html>
`
  return { status: parts.status ?? 200, headers: PAGE_HEADERS, body: String(document) }
}

/** A way out by redirect: 303 only, so that a form's body never travels on (A06, RFC 9700 §4.12). */
export function seeOther(location: string): HtmlPage {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}
