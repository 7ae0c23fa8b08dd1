// /auth/login and /auth/callback: from a route's link to the issuer where people sign in, and back with a session.
import { claimAt } from '../../core/claim-path.ts'
import { errorPage, retryPage, waitPage } from '../pages/notices.ts'
import { seeOther } from '../pages/page.ts'
import type { PlainTextKey } from '../pages/texts/locale.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { newPendingAuthorization } from '../sign-in/code-flow.ts'
import type { PendingAuthorization, SignInOutcome, SignInRefusal } from '../sign-in/provider.ts'
import { TOO_MANY_SIGN_INS } from '../web/sign-in-rate.ts'
import {
  type BrowserRoute,
  type LoginPages,
  type LoginUnderWay,
  loginProviderOf,
  queryOf,
  routeOf,
} from './login-pages.ts'
import { safeReturn } from './return-to.ts'

/** The page that says it worked, for whoever signed in without `return_to`. */
export const LOGIN_DONE_PATH = '/auth/success'

export async function beginLogin(parts: LoginPages, page: PageRequest): Promise<void> {
  const query = queryOf(parts, page)
  const route = routeOf(parts, query)
  const asked = query.get('return_to')
  const returnTo =
    asked === null ? LOGIN_DONE_PATH : route && safeReturn(asked, parts.publicOrigin, route.allowedOrigins)
  if (route === undefined || returnTo === undefined) return writePage(page, errorPage(400, 'wrongLink'))
  const { address } = page
  const tooMany = parts.browserState.signInRate.take(address)
  if (tooMany !== undefined) {
    const refused = {
      event: 'sign_in_refused',
      actor: 'unknown',
      address,
      detail: `browser: ${TOO_MANY_SIGN_INS}`,
    } as const
    if (tooMany.isNews) parts.onEvent(refused)
    return writePage(page, waitPage(tooMany.waitSeconds))
  }
  const prompt = query.get('prompt') === 'select_account' ? 'select_account' : undefined
  const pending = newPendingAuthorization()
  const begun = await loginProviderOf(parts, route).client.begin(route, pending, address, prompt)
  if (!begun.ok) return refuse(parts, page, begun)
  writePage(page, seeOther(begun.value), [parts.roundTrip.begin({ route: route.name, pending, returnTo })])
}

/** G2: only for the browser that began, once; G1: `state`, `iss`, PKCE and nonce are held against what it began with. */
export async function finishLogin(parts: LoginPages, page: PageRequest): Promise<void> {
  const routeNamed = (name: string) => parts.routes.find((one) => one.name === name)
  const arrived = new URL(page.request.url ?? '', parts.publicOrigin)
  const returned = await parts.roundTrip.end(page.request, arrived, (begun) => {
    const one = routeNamed(begun.route)
    return one !== undefined && loginProviderOf(parts, one).callbackPath === page.path
  })
  if (!returned.ok && returned.fault === 'full')
    return refuse(parts, page, { ok: false, why: 'unreachable', detail: returned.detail })
  const route = returned.ok ? routeNamed(returned.value.route) : undefined
  if (!returned.ok || route === undefined) {
    return writePage(page, errorPage(400, 'noSignInHere'), [parts.roundTrip.clear()])
  }
  const login = returned.value
  const entered = await enter(parts, { route, arrived, pending: login.pending, page })
  if (!entered.ok) return refuse(parts, page, entered, againAt(login))
  const { subject, cookie } = entered.value
  const detail = `browser on ${route.name}`
  parts.onEvent({ event: 'sign_in', actor: subject, subject, address: page.address, detail })
  writePage(page, seeOther(login.returnTo), [parts.roundTrip.clear(), cookie])
}

interface Entering {
  readonly route: BrowserRoute
  readonly arrived: URL
  readonly pending: PendingAuthorization
  readonly page: PageRequest
}

/** A token that the route would refuse makes no session: the person is told here, once, and why. */
async function enter(
  { sessions, browserState, prove, ...parts }: LoginPages,
  { route, arrived, pending, page }: Entering,
): Promise<SignInOutcome<{ readonly subject: string; readonly cookie: string }>> {
  const { address, request } = page
  const loginProvider = loginProviderOf(parts, route)
  const got = await loginProvider.client.finish(route, arrived, pending, address)
  if (!got.ok) return got
  const { token, claims, provedAt, lifeSeconds } = got.value
  const proved = await prove(route.name, token, address)
  if (!proved.ok) return proved
  if (!names(claims, proved.value, route))
    return { ok: false, why: 'refused', detail: OTHER_SUBJECT, subject: proved.value }
  const expiresAt = browserState.clock.now() + lifeSeconds * 1_000
  const loginSession = await loginProvider.loginSessionOf(request)
  const beginning = { token, subject: proved.value, provedAt, loginSession, expiresAt }
  const cookie = sessions.begin(route, beginning)
  return cookie === undefined
    ? { ok: false, why: 'refused', detail: `a token of ${token.length} characters is too long for a cookie` }
    : { ok: true, value: { subject: proved.value, cookie } }
}

/** Whether ID token and access token are about the same person, whichever claim the issuer uses for a subject. */
function names(claims: object, subject: string, { subjectClaims }: BrowserRoute): boolean {
  return [...subjectClaims, 'sub'].some((name) => claimAt(claims, name) === subject)
}

function refuse(
  { onEvent, roundTrip }: LoginPages,
  page: PageRequest,
  { why, detail, subject }: SignInRefusal,
  again?: string,
): void {
  const who = subject === undefined ? { actor: 'unknown' } : { actor: subject, subject }
  onEvent({ event: 'sign_in_refused', ...who, address: page.address, detail: `browser: ${detail}` })
  const [status, sentence]: [number, PlainTextKey] =
    why === 'unreachable' ? [502, 'nobodyCanSignIn'] : [400, 'notSignedIn']
  const shown = again === undefined ? errorPage(status, sentence) : retryPage(status, sentence, again)
  writePage(page, shown, [roundTrip.clear()])
}

/** The login that led here, with a choice of accounts. */
function againAt({ route, returnTo }: LoginUnderWay): string {
  const query = new URLSearchParams({ route, return_to: returnTo, prompt: 'select_account' })
  return `/auth/login?${query}`
}

const OTHER_SUBJECT =
  'the ID token is about somebody else than the access token; name under claims.subject what both carry'
