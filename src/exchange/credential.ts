// Finds the credential of a request: its token; or, without a token on a route with `browser`, the session of the
// browser. It checks neither.
import { valuesOf } from '../core/fields.ts'
import type { Credential } from '../core/principal.ts'
import { ok, type Result, refuse } from '../core/refusal.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { Inbound } from '../http/inbound.ts'
import { readCredential } from '../token/credential.ts'
import type { BrowserAccess, Route } from './route.ts'

export interface ExtractedCredential {
  readonly credential: Result<Credential>
  /** The Set-Cookie value that keeps a used session alive, if one is due. */
  readonly inbound: Inbound
}

/**
 * A request with an Authorization field is judged by that field alone, whatever stands in it: a cookie beside it is
 * ignored (G10, A85). Returns a promise only for a request with a cookie.
 * @param address of the client, behind trusted proxies
 */
export function extractCredential(
  inbound: Inbound,
  route: Route,
  address: string,
): MaybeAsync<ExtractedCredential> {
  const { fields, method, path } = inbound
  const url = route.publicOrigin + path
  const credential = readCredential(fields, method, url, route.limits.tokenBytes, address)
  if (credential.ok || route.browser === undefined) return { credential, inbound }
  const isBare = valuesOf(fields, 'authorization').length === 0
  return isBare
    ? readSessionCookie(inbound, route.browser, { method, url, address }, credential)
    : { credential, inbound }
}

/** The data of the authorization server cannot be read, so nobody knows whether the session was ended. */
const SESSION_UNKNOWN = refuse({
  reason: 'issuer_unreachable',
  detail: 'whether the session was ended cannot be read',
  retryAfterSeconds: 2,
})

async function readSessionCookie(
  inbound: Inbound,
  browser: BrowserAccess,
  place: Pick<Credential, 'method' | 'url' | 'address'>,
  none: Result<Credential>,
): Promise<ExtractedCredential> {
  const presented = await browser.present(inbound.request)
  if (presented.kind === 'nothing') return { credential: none, inbound }
  if (presented.kind === 'unknown') return { credential: SESSION_UNKNOWN, inbound }
  if (presented.kind === 'forged') {
    const [origin = 'none, or no x-portcullis-request header'] =
      inbound.request.headersDistinct['origin'] ?? []
    return { credential: refuse({ reason: 'origin_forbidden', origin }), inbound } // G9
  }
  const { token, renewed } = presented
  const own = renewed === undefined ? inbound.own : [...inbound.own, 'set-cookie', renewed]
  return {
    credential: ok({ scheme: 'bearer', token, proof: undefined, ...place }),
    inbound: { ...inbound, own },
  }
}

/** RFC 9449 §8.2: adds the nonce to use next, but only for a caller whose proof was verified. */
export function withNextNonce(inbound: Inbound, route: Route, credential: Result<Credential>): Inbound {
  const nonce = credential.ok ? route.verifier.nextNonce(credential.value, Date.now()) : undefined
  return nonce === undefined ? inbound : { ...inbound, own: [...inbound.own, 'dpop-nonce', nonce] }
}
