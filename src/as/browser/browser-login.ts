// Sign-in for people and browser clients on routes that ask for it (contract.md, `browser`): /auth/login,
// /auth/callback, /auth/logout, /auth/status, and one page that says it worked. Exact paths (G7).
import type { OnEvent } from '../events.ts'
import { errorPage, signedInPage, signedOutPage, signOutPage } from '../pages/notices.ts'
import { type Page, seeOther } from '../pages/page.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { newPending } from '../sign-in/code-flow.ts'
import { FOREIGN_FORM } from '../sign-in/desk.ts'
import type { Outcome, Pending } from '../sign-in/provider.ts'
import type { SingleUse } from '../store/single-use.ts'
import { CUSTOM_HEADER, mayChange, readOrigin } from './cookie-request.ts'
import type { CookieJar } from './cookies.ts'
import type { Forms } from './forms.ts'
import type { Keep } from './keep.ts'
import { safeReturn } from './return-to.ts'
import { createSealedCookie, type SealedCookie } from './sealed-cookie.ts'
import type { Session, SessionRoute, Sessions } from './session-cookie.ts'
import type { SignInSource } from './source.ts'

const LOGIN = '/auth/login'
const LOGOUT = '/auth/logout'
const STATUS = '/auth/status'
const SUCCESS = '/auth/success'
const SIGNED_OUT = '/auth/signed-out'
const WAY_SECONDS = 10 * 60

/** A route with `browser`. */
export interface BrowserRoute extends SessionRoute {
  readonly resource: string
  /** What is asked for. */
  readonly scopes: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Whose a token is, as the route itself judges it; fails when the route would refuse it. */
export type Prove = (route: string, token: string, address: string) => Promise<Outcome<string>>

export interface BrowserLoginParts {
  readonly publicOrigin: string
  readonly routes: readonly BrowserRoute[]
  /** By the name of the route. */
  readonly sources: ReadonlyMap<string, SignInSource>
  readonly sessions: Sessions
  readonly forms: Forms
  readonly jar: CookieJar
  readonly keep: Keep
  readonly onEvent: OnEvent
  readonly prove: Prove
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
  readonly usedStates: SingleUse
}

export function createBrowserLogin(options: BrowserLoginParts): BrowserLogin {
  const { jar, keep } = options
  const parts: Parts = {
    ...options,
    way: createSealedCookie<Way>(jar, keep, 'login'),
    usedStates: keep.singleUse('used login state'),
  }
  const callbacks = [...options.sources.values()].map(({ callbackPath }) => [callbackPath, CALLBACK] as const)
  const pages = new Map([...PAGES, ...callbacks])
  return {
    answers: (path) => options.routes.length > 0 && pages.has(path),
    async serve(page) {
      const served = pages.get(page.path)
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

interface Served {
  readonly get?: Serve
  readonly post?: Serve
}

const CALLBACK: Served = { get: callback }
const PAGES: ReadonlyMap<string, Served> = new Map<string, Served>([
  [LOGIN, { get: login }],
  [LOGOUT, { get: askLogout, post: logout }],
  [STATUS, { get: status }],
  [SUCCESS, { get: showPage(signedInPage()) }],
  [SIGNED_OUT, { get: showPage(signedOutPage()) }],
])

/**
 * What the listed applications may do from their own pages, with the cookie: ask who is signed in on a route that lists
 * them, and sign out.
 */
function openToApplications(parts: Parts, page: PageRequest): void {
  const { path, request, response } = page
  const origin = readOrigin(request)
  response.setHeader('vary', 'origin, cookie')
  if (origin === undefined) return
  const asked = path === STATUS ? [routeOf(parts, queryOf(parts, page))] : path === LOGOUT ? parts.routes : []
  if (!asked.some((route) => route?.allowedOrigins.includes(origin))) return
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
  const begun = await sourceOf(parts, route).client.begin(route, pending, page.address)
  if (!begun.ok) return writePage(page.response, errorPage(502, NOT_NOW))
  writePage(page.response, seeOther(begun.value), [
    parts.way.write({ route: route.name, pending, returnTo }, WAY_SECONDS),
  ])
}

/** G2: only for the browser that began, once; G1: `state`, `iss`, PKCE and nonce are held against what it began with. */
async function callback(parts: Parts, page: PageRequest): Promise<void> {
  const way = parts.way.read(page.request)
  const route = parts.routes.find(({ name }) => name === way?.route)
  const arrived = new URL(page.request.url ?? '', parts.publicOrigin)
  const [state, ...more] = arrived.searchParams.getAll('state')
  const isOurs = way !== undefined && state === way.pending.state && more.length === 0
  const isHere = route !== undefined && sourceOf(parts, route).callbackPath === page.path
  // Over with its cookie at the latest.
  const goneAt = parts.keep.clock.now() + WAY_SECONDS * 1_000
  if (!isOurs || !isHere || !parts.usedStates.use(state, goneAt)) {
    return writePage(page.response, errorPage(400, NOT_BEGUN), [parts.way.clear()])
  }
  const entered = await enter(parts, { route, arrived, pending: way.pending, address: page.address })
  if (!entered.ok) return refuse(parts, page, entered)
  const { subject, cookie } = entered.value
  const detail = `browser on ${route.name}`
  parts.onEvent({ event: 'sign_in', actor: subject, subject, address: page.address, detail })
  writePage(page.response, seeOther(way.returnTo), [parts.way.clear(), cookie])
}

interface Entering {
  readonly route: BrowserRoute
  readonly arrived: URL
  readonly pending: Pending
  readonly address: string
}

/** A token that the route itself would refuse makes no session, so that it is told here, once, and why. */
async function enter(
  { sessions, keep, prove, ...parts }: Parts,
  { route, arrived, pending, address }: Entering,
): Promise<Outcome<{ readonly subject: string; readonly cookie: string }>> {
  const got = await sourceOf(parts, route).client.finish(route, arrived, pending, address)
  if (!got.ok) return got
  const { token, provedAt, lifeSeconds } = got.value
  const proved = await prove(route.name, token, address)
  if (!proved.ok) return proved
  const expiresAt = keep.clock.now() + lifeSeconds * 1_000
  const cookie = sessions.begin(route, { token, subject: proved.value, provedAt, expiresAt })
  return cookie === undefined
    ? { ok: false, why: 'refused', detail: `a token of ${token.length} characters is too long for a cookie` }
    : { ok: true, value: { subject: proved.value, cookie } }
}

function refuse(
  { onEvent, way }: Parts,
  { address, response }: PageRequest,
  { why, detail }: Extract<Outcome<unknown>, { readonly ok: false }>,
): void {
  onEvent({ event: 'sign_in_refused', actor: 'unknown', address, detail: `browser: ${detail}` })
  const shown = why === 'unreachable' ? errorPage(502, NOT_NOW) : errorPage(400, NOT_SIGNED_IN)
  writePage(response, shown, [way.clear()])
}

async function askLogout(parts: Parts, page: PageRequest): Promise<void> {
  const { form, cookies } = parts.forms.target(page.request, LOGOUT)
  writePage(page.response, signOutPage(form), cookies)
}

/** G4: of every route, and at the authorization server of this process; asked by our own form or by an application that may. */
async function logout(parts: Parts, page: PageRequest): Promise<void> {
  const { request, response } = page
  const isForm = parts.forms.read(request, page.body, LOGOUT) !== undefined
  const callers = parts.routes.filter(({ allowedOrigins }) =>
    mayChange(request, parts.publicOrigin, allowedOrigins),
  )
  if (!isForm && callers.length === 0) return writePage(response, errorPage(403, FOREIGN_FORM))
  const routes = isForm ? parts.routes : callers
  const subjects = new Set(routes.flatMap((route) => parts.sessions.read(route, request)?.subject ?? []))
  const cookies = routes.map((route) => parts.sessions.end(route, request))
  for (const source of new Set(routes.map((route) => sourceOf(parts, route)))) await source.endSession(page)
  for (const subject of subjects) {
    parts.onEvent({ event: 'signed_out', actor: subject, subject, address: page.address, detail: 'browser' })
  }
  writePage(response, isForm ? seeOther(SIGNED_OUT) : NO_CONTENT, cookies)
}

const NO_CONTENT: Page = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }

async function status(parts: Parts, page: PageRequest): Promise<void> {
  const { request, response } = page
  const route = routeOf(parts, queryOf(parts, page))
  const found = route && parts.sessions.use(route, request)
  const used =
    found && route && (await isStillGood(parts, route, found.session, page.address)) ? found : undefined
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

/** What the route says of its token by now: it may have been revoked. */
async function isStillGood(
  { prove }: Parts,
  route: BrowserRoute,
  { token }: Session,
  address: string,
): Promise<boolean> {
  const proved = await prove(route.name, token, address)
  return proved.ok || proved.why === 'unreachable'
}

function toStatus({ subject, endsAt }: Session) {
  return { authenticated: true, subject, expires_at: Math.floor(endsAt / 1_000) }
}

function queryOf(parts: Parts, { request }: PageRequest): URLSearchParams {
  return new URL(request.url ?? '', parts.publicOrigin).searchParams
}

function sourceOf({ sources }: Pick<Parts, 'sources'>, { name }: BrowserRoute): SignInSource {
  return sources.get(name) as SignInSource // made together with the routes
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
