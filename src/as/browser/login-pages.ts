// What the pages of signing in and out with a browser share: the routes that have them, where people sign in, and what
// is kept of a sign-in that is under way.
import type { OnEvent } from '../events.ts'
import type { PageRequest } from '../people.ts'
import type { Outcome, Pending } from '../sign-in/provider.ts'
import type { CookieJar } from './cookies.ts'
import type { Forms } from './forms.ts'
import type { Keep } from './keep.ts'
import type { SealedCookie } from './sealed-cookie.ts'
import type { SessionRoute, Sessions } from './session-cookie.ts'
import type { SignInSource } from './source.ts'

/** A route with `browser`. */
export interface BrowserRoute extends SessionRoute {
  readonly resource: string
  /** What its issuer calls the subject in an access token. */
  readonly subjectClaims: readonly string[]
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
export interface Way {
  readonly route: string
  readonly pending: Pending
  readonly returnTo: string
}

export interface LoginPages extends BrowserLoginParts {
  readonly way: SealedCookie<Way>
}

export function queryOf(parts: LoginPages, { request }: PageRequest): URLSearchParams {
  return new URL(request.url ?? '', parts.publicOrigin).searchParams
}

export function sourceOf({ sources }: Pick<LoginPages, 'sources'>, { name }: BrowserRoute): SignInSource {
  return sources.get(name) as SignInSource // made together with the routes
}

/** The route that is named, or the only one there is. */
export function routeOf({ routes }: LoginPages, query: URLSearchParams): BrowserRoute | undefined {
  const name = query.get('route')
  return name === null && routes.length === 1 ? routes[0] : routes.find((route) => route.name === name)
}
