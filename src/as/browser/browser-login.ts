// Sign-in for people and browser clients on routes that ask for it (`browser` in the file): /auth/login,
// /auth/callback, /auth/logout, /auth/status, and one page that says it worked. Exact paths (G7).
import { errorPage, signedInPage, signedOutPage } from '../pages/notices.ts'
import type { Page } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { HtmlPage, PageRequest } from '../people.ts'
import { createRoundTrip } from '../sign-in/round-trip.ts'
import type { BrowserSession } from '../web/session-store.ts'
import { beginLogin, finishLogin, LOGIN_DONE_PATH } from './code-login.ts'
import { CUSTOM_HEADER, readOrigin } from './cookie-request.ts'
import {
  type BrowserLoginParts,
  type BrowserRoute,
  type LoginPages,
  type LoginUnderWay,
  queryOf,
  routeOf,
} from './login-pages.ts'
import { askLogout, LOGOUT_PATH, logout, SIGNED_OUT_PATH } from './logout.ts'

const LOGIN = '/auth/login'
const STATUS = '/auth/status'

export interface BrowserLogin {
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
}

export function createBrowserLogin(options: BrowserLoginParts): BrowserLogin {
  const parts: LoginPages = {
    ...options,
    roundTrip: createRoundTrip<LoginUnderWay>(options.jar, options.browserState, 'login'),
  }
  const callbacks = [...options.loginProviders.values()].map(
    ({ callbackPath }) => [callbackPath, CALLBACK] as const,
  )
  const pages = new Map([...PAGES, ...callbacks])
  return {
    answers: (path) => options.routes.length > 0 && pages.has(path),
    async serve(page) {
      const served = pages.get(page.path)
      openToApplications(parts, page)
      if (page.request.method === 'OPTIONS') return writePage(page, PREFLIGHT)
      const method = page.request.method === 'HEAD' ? 'GET' : page.request.method
      const serve = method === 'GET' ? served?.get : method === 'POST' ? served?.post : undefined
      if (serve === undefined) return writePage(page, errorPage(405, 'notUsedThisWay'))
      await serve(parts, page)
    },
  }
}

type Serve = (parts: LoginPages, page: PageRequest) => Promise<void>

interface Served {
  readonly get?: Serve
  readonly post?: Serve
}

const CALLBACK: Served = { get: finishLogin }
const PAGES: ReadonlyMap<string, Served> = new Map<string, Served>([
  [LOGIN, { get: beginLogin }],
  [LOGOUT_PATH, { get: askLogout, post: logout }],
  [STATUS, { get: status }],
  [LOGIN_DONE_PATH, { get: showPage(signedInPage) }],
  [SIGNED_OUT_PATH, { get: showPage(signedOutPage) }],
])

/**
 * What the listed applications may do from their own pages, with the cookie: ask who is signed in on a route that lists
 * them, and sign out.
 */
function openToApplications(parts: LoginPages, page: PageRequest): void {
  const { path, request, response } = page
  const origin = readOrigin(request)
  response.setHeader('vary', 'origin, cookie')
  if (origin === undefined) return
  const asked =
    path === STATUS ? [routeOf(parts, queryOf(parts, page))] : path === LOGOUT_PATH ? parts.routes : []
  if (!asked.some((route) => route?.allowedOrigins.includes(origin))) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-credentials', 'true')
}

/** Without the origin that `openToApplications` names, it grants nothing. */
const PREFLIGHT: HtmlPage = {
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': CUSTOM_HEADER,
    'access-control-max-age': '600',
  },
  body: '',
}

function showPage(shown: Page): Serve {
  return async (_parts, page) => writePage(page, shown)
}

async function status(parts: LoginPages, page: PageRequest): Promise<void> {
  const { request } = page
  const route = routeOf(parts, queryOf(parts, page))
  const found = route && (await parts.sessions.use(route, request))
  const used =
    found && route && (await isStillGood(parts, route, found.session, page.address)) ? found : undefined
  writePage(
    page,
    {
      status: route === undefined ? 400 : 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(used === undefined ? { authenticated: false } : toStatus(used.session)),
    },
    used?.renewed === undefined ? [] : [used.renewed],
  )
}

/** What the route says of its token by now: it may have been revoked. */
async function isStillGood(
  { prove }: LoginPages,
  route: BrowserRoute,
  { token }: BrowserSession,
  address: string,
): Promise<boolean> {
  const proved = await prove(route.name, token, address)
  return proved.ok || proved.why === 'unreachable'
}

function toStatus({ subject, endsAt }: BrowserSession) {
  return { authenticated: true, subject, expires_at: Math.floor(endsAt / 1_000) }
}
