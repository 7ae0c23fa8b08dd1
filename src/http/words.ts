// The sentences of refusals that clients hear, and models pass on to people. None says which check of a token failed.
import type { Refusal } from '../core/refusal.ts'

export const REQUIRED = 'Authentication required'
export const EXPIRED = 'The access token expired'
export const INVALID = 'The access token is invalid'
export const USE_NONCE = 'Send the request again with the nonce of this answer in the DPoP proof'

/** The sentence of every denial that no scope cures; it is always the same (L16). */
export const DENIED =
  'Access denied: no scope opens this, so signing in again does not help. Ask whoever runs this server.'
export const IN_VAIN =
  'Access denied: the scopes for this were asked for several times and not granted. Do not sign in for them again now; ask whoever runs this server to grant them.'

/** The call was understood and was not made. */
export function approvalWords(refusal: ApprovalRefusal): string {
  const { approval } = refusal
  if (refusal.reason === 'approval_denied')
    return `This call was denied by an approver, and was not made: approval ${approval?.id}. Do not make it again now; ask whoever runs this server.`
  if (approval === undefined)
    return 'This call has to be approved by somebody else, and was not made. Signing in again does not help. Ask whoever runs this server.'
  const until = new Date(approval.until).toISOString()
  const minutes = Math.max(1, Math.floor(approval.useMs / 60_000))
  return `This call has to be approved by somebody else, and was not made: it waits as approval ${approval.id} until ${until}. Ask an approver of this server to decide on it; ${approval.page} shows whether they did. Once it is approved, make the same call again with the same arguments, within ${minutes} min. Making it again before changes nothing.`
}

export type ApprovalRefusal = Extract<Refusal, { reason: 'approval_required' | 'approval_denied' }>

export function required(missing: readonly string[]): string {
  return `${missing.join(' ')} is required`
}

export function insufficient(missing: readonly string[]): string {
  return `Insufficient scope: ${required(missing)}. Your client may ask you for it now; else sign in again and allow it there. If it is not offered, ask whoever runs this server to grant it.`
}
