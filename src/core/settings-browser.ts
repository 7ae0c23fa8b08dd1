// People who sign in with a browser: where, as which client the gateway is known there, and how long their session lasts.
// Values only.
import type { Secret } from './secret.ts'

export interface BrowserSettings {
  /** Name of an issuer of the route. */
  readonly issuer: string
  /** Exact, beside our own. */
  readonly allowedOrigins: readonly string[]
  readonly session: SessionSettings
  /** What the gateway is at an issuer elsewhere; undefined at the embedded one, which knows it. */
  readonly client: BrowserClientSettings | undefined
}

/** How long the session of a browser lasts; its token ends it sooner. */
export interface SessionSettings {
  /** Without a request. */
  readonly idleSeconds: number
  /** In all. */
  readonly absoluteSeconds: number
}

export interface BrowserClientSettings {
  readonly id: string
  /** Undefined: a public client. */
  readonly secret: Secret | undefined
  /** What is asked for beside `openid`; undefined: every scope that the route names. */
  readonly scopes: readonly string[] | undefined
  /** RFC 8707: whether the issuer is told the resource. */
  readonly tellsResource: boolean
  /** What the authorization request carries beside what the protocol puts there. */
  readonly parameters: Readonly<Record<string, string>>
}
