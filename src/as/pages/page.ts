// The frame of every page: document, style, and the headers that keep it to itself. No script, no image, nothing
// from another origin; it works with JavaScript switched off because there is none.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { STYLE } from './style.ts'

/** A finished page. `headers` belong to it: without them the page is not safe to serve. */
export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What hono/html makes of a template without promises in it. */
export type Markup = ReturnType<typeof html>

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

export function renderPage(parts: PageParts): Page {
  const { title, content, goesTo } = parts
  const refresh = goesTo === undefined ? '' : html`<meta http-equiv="refresh" content="0; url=${goesTo}">`
  const document = html`<!doctype html>
<html lang="en">
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
<footer><p>Protected by Portcullis</p></footer>
</body>
</html>
`
  return { status: parts.status ?? 200, headers: PAGE_HEADERS, body: String(document) }
}

/** A way out by redirect: 303 only, so that a form's body never travels on (A06, RFC 9700 §4.12). */
export function seeOther(location: string): Page {
  return {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    body: '',
  }
}
