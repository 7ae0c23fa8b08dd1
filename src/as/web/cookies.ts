// Cookies of our own: read strictly, written with every attribute that limits them. It does not know what they contain.
import type { IncomingMessage } from 'node:http'
import { trimSpace, valuesOf } from '../../core/fields.ts'

/** RFC 6265bis §5.7: browsers keep no more than this of name and value together. */
const MAX_COOKIE_BYTES = 4_096

export interface CookieJar {
  /** Undefined when the cookie is absent, empty, or sent twice (A47: then one of them was planted). */
  read(request: IncomingMessage, name: string): string | undefined
  /** A Set-Cookie value. Throws when browsers would drop it. */
  write(name: string, value: string, maxAgeSeconds: number): string
  clear(name: string): string
}

/** When browsers send the cookies of a jar. */
export interface CookieReach {
  /** `Lax`: also with a link from another site, which a way back from a provider is. */
  readonly sameSite?: 'Lax' | 'Strict'
  /** On plain http only, where ports of one host share cookies; `__Host-` takes no other than `/`. */
  readonly path?: string
}

/**
 * `secure` is false on plain http of this machine only: browsers take `__Host-` and `Secure` from nothing else, and
 * there is no network to listen on (docs/decisions.md, 19).
 */
export function createCookieJar(
  secure: boolean,
  { sameSite = 'Lax', path = '/' }: CookieReach = {},
): CookieJar {
  const fullName = (name: string) => `${secure ? '__Host-' : ''}portcullis-${name}` // CDP-03, A46
  const attributes = `Path=${secure ? '/' : path}; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`
  return {
    read(request, name) {
      const start = `${fullName(name)}=`
      const found = pairsOf(request, start).filter((pair) => pair.startsWith(start))
      const value = found.length === 1 ? found[0]?.slice(start.length) : undefined
      return value === '' ? undefined : value
    },
    write(name, value, maxAgeSeconds) {
      if (fullName(name).length + value.length >= MAX_COOKIE_BYTES)
        throw new RangeError('a cookie is too large')
      return `${fullName(name)}=${value}; Max-Age=${maxAgeSeconds}; ${attributes}`
    },
    clear: (name) => `${fullName(name)}=; Max-Age=0; ${attributes}`,
  }
}

/**
 * Several Cookie fields count as one (RFC 9113 §8.2.3 splits them). Nothing but spaces and tabs may stand before a
 * name: a browser takes a name that begins with any other blank from a neighbouring host, and `__Host-` does not
 * protect it (A81).
 */
function pairsOf({ rawHeaders }: IncomingMessage, part: string): string[] {
  return valuesOf(rawHeaders, 'cookie')
    .filter((field) => field.includes(part)) // other cookies are not even split
    .flatMap((field) => field.split(';'))
    .map(trimSpace)
}
