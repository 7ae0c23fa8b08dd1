// What the pages of signing in and out with a browser share: the routes that have them, where people sign in, and what
// is kept of a sign-in that is under way.
import type { OnEvent } from '../events.ts'
import type { PageRequest } from '../people.ts'
import type { PendingAuthorization, SignInOutcome } from '../sign-in/provider.ts'
import type { RoundTrip } from '../sign-in/round-trip.ts'
import type { BrowserState } from '../web/browser-state.ts'
import type { CookieJar } from '../web/cookies.ts'
import type { CsrfForms } from '../web/csrf-forms.ts'
import type { SessionRoute, SessionStore } from '../web/session-store.ts'
import type { LoginProvider } from './login-provider.ts'

/** A route with `browser`. */
export interface BrowserRoute extends SessionRoute {
  readonly resource: string
  /** What its issuer calls the subject in an access token. */
  readonly subjectClaims: readonly string[]
  /** What is asked for. */
  readonly scopes: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Says whose a token is, as the route itself judges it. Fails when the route would refuse the token. */
export type ProveSubject = (route: string, token: string, address: string) => Promise<SignInOutcome<string>>

export interface BrowserLoginParts {
  readonly publicOrigin: string
  readonly routes: readonly BrowserRoute[]
  /** By the name of the route. */
  readonly loginProviders: ReadonlyMap<string, LoginProvider>
  readonly sessions: SessionStore
  readonly forms: CsrfForms
  readonly jar: CookieJar
  readonly browserState: BrowserState
  readonly onEvent: OnEvent
  readonly prove: ProveSubject
}

/** In the browser's cookie, sealed. */
export interface LoginUnderWay {
  readonly route: string
  readonly pending: PendingAuthorization
  readonly returnTo: string
}

export interface LoginPages extends BrowserLoginParts {
  readonly roundTrip: RoundTrip<LoginUnderWay>
}

export function queryOf(parts: LoginPages, { request }: PageRequest): URLSearchParams {
  return new URL(request.url ?? '', parts.publicOrigin).searchParams
}

export function loginProviderOf(
  { loginProviders }: Pick<LoginPages, 'loginProviders'>,
  { name }: BrowserRoute,
): LoginProvider {
  return loginProviders.get(name) as LoginProvider // made together with the routes
}

/** The route that is named, or the only one there is. */
export function routeOf({ routes }: LoginPages, query: URLSearchParams): BrowserRoute | undefined {
  const name = query.get('route')
  return name === null && routes.length === 1 ? routes[0] : routes.find((route) => route.name === name)
}
