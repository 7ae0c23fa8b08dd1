// The sentences of refusals that clients hear, and models pass on to people. None says which check of a token failed.

export const REQUIRED = 'Authentication required'
export const EXPIRED = 'The access token expired'
export const INVALID = 'The access token is invalid'
export const USE_NONCE = 'Send the request again with the nonce of this answer in the DPoP proof'

/** The sentence of every denial that no scope cures; it is always the same (L16). */
export const DENIED =
  'Access denied: no scope opens this, so signing in again does not help. Ask whoever runs this server.'
export const IN_VAIN =
  'Access denied: the scopes for this were asked for several times and not granted. Do not sign in for them again now; ask whoever runs this server to grant them.'

export function required(missing: readonly string[]): string {
  return `${missing.join(' ')} is required`
}

export function insufficient(missing: readonly string[]): string {
  return `Insufficient scope: ${required(missing)}. Your client may ask you for it now; else sign in again and allow it there. If it is not offered, ask whoever runs this server to grant it.`
}
