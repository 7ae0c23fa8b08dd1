// Sign-in for people and browser clients on routes that ask for it (contract.md, `browser`): /auth/login,
// /auth/callback, /auth/logout, /auth/status, and one page that says it worked. Exact paths, nothing below them (G7).
import type { OnEvent } from '../events.ts'
import { errorPage, signedInPage, signedOutPage, signOutPage } from '../pages/notices.ts'
import { type Page, seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { newPending } from '../sign-in/code-flow.ts'
import { FOREIGN_FORM } from '../sign-in/desk.ts'
import type { Pending } from '../sign-in/provider.ts'
import { createSingleUse } from '../store/single-use.ts'
import type { Store } from '../store/store.ts'
import { CUSTOM_HEADER, mayChange, readOrigin } from './cookie-request.ts'
import type { CookieJar } from './cookies.ts'
import type { Forms } from './forms.ts'
import type { IssuerClient } from './issuer-client.ts'
import { safeReturn } from './return-to.ts'
import { createSealedCookie, type SealedCookie } from './sealed-cookie.ts'
import type { Session, Sessions } from './session-cookie.ts'

const LOGIN = '/auth/login'
export const CALLBACK_PATH = '/auth/callback'
const LOGOUT = '/auth/logout'
const STATUS = '/auth/status'
const SUCCESS = '/auth/success'
const SIGNED_OUT = '/auth/signed-out'
const WAY_SECONDS = 10 * 60

/** A route with `browser`. */
export interface BrowserRoute {
  readonly name: string
  readonly resource: string
  /** What is asked for: every scope that the route names. */
  readonly scopes: readonly string[]
  readonly allowedOrigins: readonly string[]
}

export interface BrowserLoginParts {
  readonly publicOrigin: string
  readonly routes: readonly BrowserRoute[]
  readonly client: IssuerClient
  readonly sessions: Sessions
  readonly forms: Forms
  readonly jar: CookieJar
  readonly store: Store
  readonly onEvent: OnEvent
  /** Ends the person's session at the authorization server too. */
  readonly endEngineSession: (page: PageRequest) => Promise<void>
}

/** In the browser's cookie, sealed. */
interface Way {
  readonly route: string
  readonly pending: Pending
  readonly returnTo: string
}

export interface BrowserLogin {
  answers(path: string): boolean
  serve(page: PageRequest): Promise<void>
}

interface Parts extends BrowserLoginParts {
  readonly way: SealedCookie<Way>
  readonly states: ReturnType<typeof createSingleUse>
}

export function createBrowserLogin(options: BrowserLoginParts): BrowserLogin {
  const { jar, store } = options
  const parts: Parts = {
    ...options,
    way: createSealedCookie<Way>(jar, store, 'login'),
    states: createSingleUse(store, 'login state'),
  }
  return {
    answers: (path) => options.routes.length > 0 && PAGES.has(path),
    async serve(page) {
      const served = PAGES.get(page.path)
      openToApplications(parts, page)
      if (page.request.method === 'OPTIONS') return writePage(page.response, PREFLIGHT)
      const method = page.request.method === 'HEAD' ? 'GET' : page.request.method
      const serve = method === 'GET' ? served?.get : method === 'POST' ? served?.post : undefined
      if (serve === undefined)
        return writePage(page.response, errorPage(405, 'This is not how this page is used.'))
      await serve(parts, page)
    },
  }
}

type Serve = (parts: Parts, page: PageRequest) => Promise<void>

const PAGES: ReadonlyMap<string, { readonly get?: Serve; readonly post?: Serve }> = new Map([
  [LOGIN, { get: login }],
  [CALLBACK_PATH, { get: callback }],
  [LOGOUT, { get: askLogout, post: logout }],
  [STATUS, { get: status }],
  [SUCCESS, { get: showPage(signedInPage()) }],
  [SIGNED_OUT, { get: showPage(signedOutPage()) }],
])

/** What the listed applications may do from their own pages, with the cookie: ask who is signed in, and sign out. */
function openToApplications({ routes }: Parts, { path, request, response }: PageRequest): void {
  const origin = readOrigin(request)
  const isOpen = path === STATUS || path === LOGOUT
  response.setHeader('vary', 'origin, cookie')
  if (origin === undefined || !isOpen) return
  if (!routes.some(({ allowedOrigins }) => allowedOrigins.includes(origin))) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-credentials', 'true')
}

/** Without the origin that `openToApplications` names, it grants nothing. */
const PREFLIGHT: Page = {
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': CUSTOM_HEADER,
    'access-control-max-age': '600',
  },
  body: '',
}

function showPage(shown: Page): Serve {
  return async (_parts, page) => writePage(page.response, shown)
}

async function login(parts: Parts, page: PageRequest): Promise<void> {
  const query = queryOf(parts, page)
  const route = routeOf(parts, query)
  const asked = query.get('return_to')
  const returnTo =
    asked === null ? SUCCESS : route && safeReturn(asked, parts.publicOrigin, route.allowedOrigins)
  if (route === undefined || returnTo === undefined)
    return writePage(page.response, errorPage(400, WRONG_LINK))
  const pending = newPending()
  const begun = await parts.client.begin(route, pending, page.address)
  if (!begun.ok) return writePage(page.response, errorPage(502, NOT_NOW))
  parts.states.put(pending.state, parts.store.clock.now() + WAY_SECONDS * 1_000)
  writePage(page.response, seeOther(begun.value), [
    parts.way.write({ route: route.name, pending, returnTo }, WAY_SECONDS),
  ])
}

/** G2: only for the browser that began, once; G1: `state`, `iss`, PKCE and nonce are held against what it began with. */
async function callback(parts: Parts, page: PageRequest): Promise<void> {
  const { store, client, sessions, onEvent } = parts
  const { address, request, response } = page
  const way = parts.way.read(request)
  const route = parts.routes.find(({ name }) => name === way?.route)
  const arrived = new URL(request.url ?? '', parts.publicOrigin)
  const [state, ...more] = arrived.searchParams.getAll('state')
  const isOurs = way !== undefined && state === way.pending.state && more.length === 0
  if (!isOurs || route === undefined || !parts.states.take(state)) {
    return writePage(response, errorPage(400, NOT_BEGUN), [parts.way.clear()])
  }
  const got = await client.finish(route, arrived, way.pending, address)
  if (!got.ok) {
    onEvent({ event: 'sign_in_refused', actor: 'unknown', address, detail: `browser: ${got.detail}` })
    const shown = got.why === 'unreachable' ? errorPage(502, NOT_NOW) : errorPage(400, NOT_SIGNED_IN)
    return writePage(response, shown, [parts.way.clear()])
  }
  const { token, subject, provedAt, lifeSeconds } = got.value
  const expiresAt = store.clock.now() + lifeSeconds * 1_000
  const cookie = sessions.begin(route.name, { token, subject, provedAt, expiresAt })
  onEvent({ event: 'sign_in', actor: subject, subject, address, detail: `browser on ${route.name}` })
  writePage(response, seeOther(way.returnTo), [parts.way.clear(), cookie])
}

async function askLogout(parts: Parts, page: PageRequest): Promise<void> {
  const { form, cookies } = parts.forms.target(page.request, LOGOUT)
  writePage(page.response, signOutPage(form), cookies)
}

/** G4: of every route, and at the authorization server; asked by our own form or by an application that may. */
async function logout(parts: Parts, page: PageRequest): Promise<void> {
  const { request, response } = page
  const isForm = parts.forms.read(request, page.body, LOGOUT) !== undefined
  const callers = parts.routes.filter(({ allowedOrigins }) =>
    mayChange(request, parts.publicOrigin, allowedOrigins),
  )
  if (!isForm && callers.length === 0) return writePage(response, errorPage(403, FOREIGN_FORM))
  const routes = isForm ? parts.routes : callers
  const subjects = new Set(routes.flatMap(({ name }) => parts.sessions.read(name, request)?.subject ?? []))
  const cookies = routes.map(({ name }) => parts.sessions.end(name, request))
  await parts.endEngineSession(page)
  for (const subject of subjects) {
    parts.onEvent({ event: 'signed_out', actor: subject, subject, address: page.address, detail: 'browser' })
  }
  writePage(response, isForm ? seeOther(SIGNED_OUT) : NO_CONTENT, cookies)
}

const NO_CONTENT: Page = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }

async function status(parts: Parts, page: PageRequest): Promise<void> {
  const { request, response } = page
  const route = routeOf(parts, queryOf(parts, page))
  const used = route && parts.sessions.use(route.name, request)
  writePage(
    response,
    {
      status: route === undefined ? 400 : 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(used === undefined ? { authenticated: false } : toStatus(used.session)),
    },
    used?.renewed === undefined ? [] : [used.renewed],
  )
}

function toStatus({ subject, endsAt }: Session) {
  return { authenticated: true, subject, expires_at: Math.floor(endsAt / 1_000) }
}

function queryOf(parts: Parts, { request }: PageRequest): URLSearchParams {
  return new URL(request.url ?? '', parts.publicOrigin).searchParams
}

/** The route that is named, or the only one there is. */
function routeOf({ routes }: Parts, query: URLSearchParams): BrowserRoute | undefined {
  const name = query.get('route')
  return name === null && routes.length === 1 ? routes[0] : routes.find((route) => route.name === name)
}

const WRONG_LINK = 'This link names no route that people can sign in to, or a way back that is not allowed.'
const NOT_BEGUN = 'No sign-in was begun in this browser, or it is over.'
const NOT_SIGNED_IN = 'You could not be signed in.'
const NOT_NOW = 'Nobody can be signed in right now. Try again later.'
