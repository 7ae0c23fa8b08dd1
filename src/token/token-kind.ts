// Checks whether a signed or active token is an access token at all. Issuers sign ID, refresh and logout tokens with
// the same keys (J23, J24, I34), and several tell the kind only in the payload.
import type { JsonObject } from '../lib/strict-json.ts'

/** RFC 9068 §2.1. Types are compared without case and without `application/` (RFC 7515 §4.1.9). */
const STRICT_TYPES: ReadonlySet<string> = new Set(['at+jwt'])
const TOLERANT_TYPES: ReadonlySet<string> = new Set(['at+jwt', 'jwt'])
const PAYLOAD_TYPES_REFUSED: ReadonlySet<string> = new Set(['id', 'refresh', 'offline', 'logout'])
const TOKEN_USES: ReadonlySet<string> = new Set(['access', 'access_token'])
const TOKEN_TYPES: ReadonlySet<string> = new Set([
  'bearer',
  'dpop',
  'access_token',
  'urn:ietf:params:oauth:token-type:access_token',
])

/** Compares the header's `typ` with the issuer's setting. */
export function headerTypeFault(header: JsonObject, accepted: 'any' | 'at+jwt'): string | undefined {
  const { typ } = header
  if (typ === undefined) return accepted === 'any' ? undefined : 'no typ'
  if (typeof typ !== 'string') return 'typ is not a string'
  const known = accepted === 'any' ? TOLERANT_TYPES : STRICT_TYPES
  return known.has(typ.toLowerCase().replace(/^application\//, '')) ? undefined : 'another kind of JWT'
}

/** RFC 9068 §4, RFC 8725 §3.12: finds the marks of ID, refresh and logout tokens. */
export function payloadKindFault(claims: JsonObject): string | undefined {
  if (Object.hasOwn(claims, 'at_hash') || Object.hasOwn(claims, 'c_hash')) return 'an ID token'
  if (Object.hasOwn(claims, 'nonce') && !Object.hasOwn(claims, 'scope') && !Object.hasOwn(claims, 'scp'))
    return 'an ID token'
  if (Object.hasOwn(claims, 'events')) return 'a logout or security event token'
  const { typ, token_use: use, token_type: type } = claims
  if (typ !== undefined && (typeof typ !== 'string' || PAYLOAD_TYPES_REFUSED.has(typ.toLowerCase())))
    return 'its payload names another kind of token'
  if (use !== undefined && !isOneOf(use, TOKEN_USES)) return 'its token_use is not access'
  return type === undefined || isOneOf(type, TOKEN_TYPES)
    ? undefined
    : 'its token_type is not that of an access token'
}

function isOneOf(value: unknown, known: ReadonlySet<string>): boolean {
  return typeof value === 'string' && known.has(value.toLowerCase())
}
