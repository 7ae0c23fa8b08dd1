// The cookie by which a browser is known to be signed in. It holds the name of a login session and its key, sealed; whether
// that still counts stands in the store, so that a person can end it from anywhere. Knows no way of signing in.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { PageRequest } from '../people.ts'
import type { LoginSession } from '../store/login-sessions.ts'
import type { Repositories, Store } from '../store/store.ts'
import type { CookieJar } from '../web/cookies.ts'
import { createSealedCookie } from '../web/sealed-cookie.ts'
import { browserWords } from './browser-words.ts'

/** After so long a person signs in again, however often the browser was used meanwhile. */
const COOKIE_SECONDS = 365 * 86_400
const ID_BYTES = 16
const KEY_BYTES = 32

/** Who has just proved that they are this person, in which browser. */
export interface ProvedPerson {
  readonly page: Pick<PageRequest, 'request' | 'address'>
  readonly subject: string
  /** The browser is signed out after so long without use. */
  readonly lifeSeconds: number
}

export interface BegunLogin {
  /** Of the login session. */
  readonly id: string
  readonly subject: string
  /** When it was proved; epoch milliseconds. */
  readonly at: number
  /** A Set-Cookie value. */
  readonly cookie: string
}

export interface LoginCookie {
  /** The login session of the browser that sends this, which counts as use; undefined when nobody is signed in there. */
  read(request: IncomingMessage): Promise<LoginSession | undefined>
  /**
   * Call it in the transaction in which the proof is found to hold: then nothing can end it in between. Somebody else who was
   * signed in at this browser is so no longer.
   */
  begin(within: Repositories, proved: ProvedPerson): Promise<BegunLogin>
  /** Signs the browser out. A Set-Cookie value. */
  end(request: IncomingMessage): Promise<string>
}

/** In the browser's cookie, sealed. */
interface HeldLogin {
  readonly id: string
  readonly key: string
}

export function createLoginCookie(jar: CookieJar, store: Store): LoginCookie {
  const { clock, loginSessions } = store
  const cookie = createSealedCookie<HeldLogin>(jar, store, 'signed-in')
  const find = async (request: IncomingMessage, sessions: Repositories['loginSessions']) => {
    const held = cookie.read(request)
    return held && sessions.find(held.id, held.key)
  }
  return {
    async read(request) {
      const found = await find(request, loginSessions)
      if (found !== undefined) await loginSessions.touch(found.id)
      return found
    },
    async begin({ loginSessions: within }, { page, subject, lifeSeconds }) {
      const { request, address } = page
      const before = await find(request, within)
      const isSame = before?.subject === subject
      if (before !== undefined && !isSame) await within.end(before.subject, before.id)
      // A46: the key is another one each time, so that a copy of the cookie from before is worth nothing.
      const key = randomBytes(KEY_BYTES).toString('base64url')
      const id = isSame ? before.id : randomBytes(ID_BYTES).toString('base64url')
      const browser = browserWords(request.headers['user-agent'])
      await within.save({ id, subject, key, browser, address, lifeSeconds })
      return { id, subject, at: clock.now(), cookie: cookie.write({ id, key }, COOKIE_SECONDS) }
    },
    async end(request) {
      const found = await find(request, loginSessions)
      if (found !== undefined) await loginSessions.end(found.subject, found.id)
      return cookie.clear()
    },
  }
}
