// Forms that only our own pages can submit (A24): a token bound to this browser, to the address of the form and to what
// the page said, in a POST that does not come from another site.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { deriveKey } from '../../lib/derived-key.ts'
import type { FormTarget } from '../pages/parts.ts'
import type { BrowserState } from './browser-state.ts'
import type { CookieJar } from './cookies.ts'

const COOKIE = 'form'
const COOKIE_SECONDS = 24 * 60 * 60
const BROWSER_ID = /^[A-Za-z0-9_-]{43}$/

export interface CsrfForms {
  /**
   * The target to write into a page, with the cookie to send along when this browser has none yet.
   * @param said what the person agrees to by sending the form; another time it may be something else
   */
  target(
    request: IncomingMessage,
    action: string,
    said?: string,
  ): { readonly form: FormTarget; readonly cookies: readonly string[] }
  /** The fields of a form of ours; undefined when it may not be one, or when its page said something else. */
  read(request: IncomingMessage, body: Buffer, action: string, said?: string): URLSearchParams | undefined
}

export function createCsrfForms(jar: CookieJar, { secret }: Pick<BrowserState, 'secret'>): CsrfForms {
  const key = deriveKey(secret, 'form')
  const tokenFor = (browser: string, action: string, said: string) =>
    createHmac('sha256', key).update(`${browser} ${action} ${said}`).digest('base64url')
  const browserOf = (request: IncomingMessage) => {
    const id = jar.read(request, COOKIE)
    return id !== undefined && BROWSER_ID.test(id) ? id : undefined
  }
  /** The same for each form of one page. */
  const newBrowsers = new WeakMap<IncomingMessage, string>()
  return {
    target(request, action, said = '') {
      const known = browserOf(request)
      const browser = known ?? newBrowsers.get(request) ?? randomBytes(32).toString('base64url')
      if (known === undefined) newBrowsers.set(request, browser)
      const cookies = known === undefined ? [jar.write(COOKIE, browser, COOKIE_SECONDS)] : []
      return { form: { action, token: tokenFor(browser, action, said) }, cookies }
    },
    read(request, body, action, said = '') {
      const browser = browserOf(request)
      if (browser === undefined || !isFromHere(request) || !isForm(request)) return undefined
      const fields = new URLSearchParams(body.toString('utf8'))
      const [token, ...more] = fields.getAll('csrf')
      if (token === undefined || more.length > 0) return undefined
      return sameText(token, tokenFor(browser, action, said)) ? fields : undefined
    },
  }
}

/** `Sec-Fetch-Site` cannot be set by a page; a browser without it is held by cookie and token alone. */
function isFromHere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  return site === undefined || site === 'same-origin'
}

function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded(?:$|[ \t]*;)/i.test(headers['content-type'] ?? '')
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
