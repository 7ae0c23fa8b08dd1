// The session of a browser on one route: an access token of the issuer where people sign in, sealed into a cookie. The
// token is checked like any other on each request; the seal adds an idle limit and an end by signing out, here or of
// the person everywhere.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { SessionSettings } from '../../core/settings-browser.ts'
import type { BrowserState } from './browser-state.ts'
import type { CookieJar } from './cookies.ts'
import { createSealedCookie, type SealedCookie } from './sealed-cookie.ts'

/**
 * The longest session that a file can ask for. After it every session is over, whatever the file said when it began.
 */
const LONGEST_MS = 7 * 86_400_000
/**
 * The size of token and subject together: with its seal a larger cookie would be too long for browsers (RFC 6265bis
 * §5.7).
 */
const MAX_SEALED_BYTES = 2_600
/** The cookie is written anew this often, since each time costs a seal and a header. */
const RENEW_MS = 60_000

export interface BrowserSession {
  readonly id: string
  readonly token: string
  readonly subject: string
  /** Epoch seconds: when the person proved who they are. */
  readonly provedAt: number
  /** Of the browser where they did, if that is known here. */
  readonly loginSession?: string | undefined
  /** Epoch milliseconds. */
  readonly beganAt: number
  /** Epoch milliseconds: when it ends whatever happens. */
  readonly endsAt: number
  /** Epoch milliseconds: when this cookie was written. */
  readonly writtenAt: number
}

export interface UsedSession {
  readonly session: BrowserSession
  readonly renewed: string | undefined
}

/** What a session is made of. */
export interface NewSession {
  readonly token: string
  readonly subject: string
  /** Epoch seconds: when the person proved who they are. */
  readonly provedAt: number
  /** Of the browser where they did, if that is known here. */
  readonly loginSession: string | undefined
  /** Epoch milliseconds, of the token. */
  readonly expiresAt: number
}

/** A route, with the name of the issuer where people sign in: a session of another route or issuer does not count. */
export interface SessionRoute {
  readonly name: string
  readonly issuer: string
  /** G5: as the file says now, also for sessions from before. */
  readonly session: SessionSettings
}

export interface EndedCookie {
  readonly isEnded: boolean
  /** A Set-Cookie value that removes it. */
  readonly cookie: string
}

export interface SessionStore {
  /** A new session with a new id (A46), as a Set-Cookie value; undefined when the token is too long for a cookie. */
  begin(route: SessionRoute, beginning: NewSession): string | undefined
  /** Undefined when there is none, or it is over. */
  read(route: SessionRoute, request: IncomingMessage): Promise<BrowserSession | undefined>
  /** The same, and counts as use: now and then there is a Set-Cookie value to send along. */
  use(route: SessionRoute, request: IncomingMessage): Promise<UsedSession | undefined>
  /**
   * Ends a session for every copy of its cookie (G4); false when that cannot be remembered.
   * @returns with a Set-Cookie value that removes this one
   */
  end(route: SessionRoute, request: IncomingMessage): Promise<EndedCookie>
}

/** What is known of the place where people sign in for a route. */
export interface SignInState {
  /** When every sign-in of a person was ended, epoch milliseconds. */
  endedAt(route: string, subject: string): Promise<number | undefined>
  /** Whether the browser is still signed in there. */
  isSignedIn(route: string, loginSession: string | undefined): Promise<boolean>
  /** The browser is in use; told now and then. */
  noteUse(route: string, loginSession: string): Promise<void>
}

export function createSessionStore(
  jar: CookieJar,
  browserState: BrowserState,
  signInState: SignInState,
): SessionStore {
  const { clock, endedSessions: ended } = browserState
  const cookies = new Map<string, SealedCookie<BrowserSession>>()
  const cookieOf = ({ name, issuer }: SessionRoute) => {
    const known =
      cookies.get(name) ??
      createSealedCookie<BrowserSession>(jar, browserState, `session-${name}`, `session-${name} ${issuer}`)
    cookies.set(name, known) // routes come from the file
    return known
  }
  const write = (route: SessionRoute, session: BrowserSession) => {
    const left = Math.floor((session.endsAt - clock.now()) / 1_000)
    const lifeSeconds = Math.min(route.session.idleSeconds, left)
    return cookieOf(route).write({ ...session, writtenAt: clock.now() }, lifeSeconds)
  }
  const toEnded = ({ name }: SessionRoute, { id, subject, beganAt, endsAt }: BrowserSession) => {
    const allEndAt = clock.now() + LONGEST_MS
    return { id, owner: `${name} ${subject}`, beganAt, endsAt, allEndAt }
  }
  /** The cookie says so too; but the file may have become stricter since it was written. */
  const isOver = ({ session }: SessionRoute, { beganAt, writtenAt, endsAt }: BrowserSession) => {
    const idleAt = writtenAt + session.idleSeconds * 1_000
    return Math.min(endsAt, idleAt, beganAt + session.absoluteSeconds * 1_000) <= clock.now()
  }
  const read = async (route: SessionRoute, request: IncomingMessage) => {
    const session = cookieOf(route).read(request)
    if (session === undefined || isOver(route, session)) return undefined
    if (await ended.has(toEnded(route, session))) return undefined
    if (!(await signInState.isSignedIn(route.name, session.loginSession))) return undefined
    const endedAt = (await signInState.endedAt(route.name, session.subject)) ?? 0
    const endedSeconds = Math.floor(endedAt / 1_000)
    return session.provedAt <= endedSeconds ? undefined : session // also in the same second, since times are in whole seconds
  }
  return {
    begin(route, { token, subject, provedAt, loginSession, expiresAt }) {
      if (Buffer.byteLength(token) + Buffer.byteLength(subject) > MAX_SEALED_BYTES) return undefined
      const beganAt = clock.now()
      const endsAt = Math.min(expiresAt, beganAt + route.session.absoluteSeconds * 1_000)
      const begun = { token, subject, provedAt, loginSession, beganAt, endsAt }
      return write(route, { ...begun, id: randomUUID(), writtenAt: 0 })
    },
    read,
    async use(route, request) {
      const session = await read(route, request)
      if (session === undefined || clock.now() - session.writtenAt < RENEW_MS)
        return session && { session, renewed: undefined }
      if (session.loginSession !== undefined) await signInState.noteUse(route.name, session.loginSession)
      return { session, renewed: write(route, session) }
    },
    async end(route, request) {
      const session = await read(route, request)
      const isEnded = session === undefined || (await ended.end(toEnded(route, session)))
      return { isEnded, cookie: cookieOf(route).clear() }
    },
  }
}
