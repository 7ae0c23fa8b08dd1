// A browser's way to where people sign in, and back (RFC 6749 §10.12): what it began with goes along in its own cookie,
// sealed, and is given back once, to this browser, for the `state` that it began with. Knows no provider.
import type { IncomingMessage } from 'node:http'
import type { BrowserState } from '../web/browser-state.ts'
import type { CookieJar } from '../web/cookies.ts'
import { createSealedCookie } from '../web/sealed-cookie.ts'
import type { PendingAuthorization } from './provider.ts'

/** CDP-04 */
const ROUND_TRIP_SECONDS = 10 * 60

/** Why what came back does not count, for the operator. */
const FAULTS = {
  foreign: 'no sign-in was begun here',
  state: 'another state',
  used: 'the state was used',
  full: 'no more sign-ins that came back can be remembered',
} as const

export type Returned<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: keyof typeof FAULTS; readonly detail: string }

export interface RoundTrip<T> {
  /** A Set-Cookie value, for the answer that sends the browser away. */
  begin(underWay: T): string
  /** What this browser began with; it may not have been away yet. */
  underWay(request: IncomingMessage): T | undefined
  /**
   * @param callback the whole address that the browser came back to
   * @param isHere whether what was begun ends at that address (RFC 9700 §4.4.2.2)
   */
  end(request: IncomingMessage, callback: URL, isHere: (underWay: T) => boolean): Promise<Returned<T>>
  clear(): string
}

export function createRoundTrip<T extends { readonly pending: PendingAuthorization }>(
  jar: CookieJar,
  { clock, secret, usedStates }: Pick<BrowserState, 'clock' | 'secret' | 'usedStates'>,
  cookieName: string,
): RoundTrip<T> {
  const cookie = createSealedCookie<T>(jar, { clock, secret }, cookieName)
  return {
    begin: (underWay) => cookie.write(underWay, ROUND_TRIP_SECONDS),
    underWay: cookie.read,
    async end(request, callback, isHere) {
      const underWay = cookie.read(request)
      // A21: the browser that comes back is the one that pressed the button, at the place whose button it was.
      if (underWay === undefined || !isHere(underWay)) return fault('foreign')
      const [state, ...more] = callback.searchParams.getAll('state')
      if (state !== underWay.pending.state || more.length > 0) return fault('state')
      const goneAt = clock.now() + ROUND_TRIP_SECONDS * 1_000 // over with its cookie at the latest
      const use = await usedStates.use(state, goneAt) // A20
      if (use !== 'first') return fault(use === 'full' ? 'full' : 'used')
      return { ok: true, value: underWay }
    },
    clear: cookie.clear,
  }
}

function fault(name: keyof typeof FAULTS): Returned<never> {
  return { ok: false, fault: name, detail: FAULTS[name] }
}
