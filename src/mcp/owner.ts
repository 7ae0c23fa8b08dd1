// The owner of a session or a task, as a text that is equal only for the same caller (SES-02, SES-03). It depends on
// the principal and never on the bytes of a token, so a caller with a refreshed token keeps what it had.
import type { Principal } from '../core/principal.ts'

/** Each part is prefixed with its length, so that no two lists of parts give the same text. */
export function ownerOf(route: string, principal: Principal | undefined): string {
  const parts = principal === undefined ? [] : [principal.issuer, principal.subject, principal.clientId]
  return [route, ...parts].map((part) => (part === undefined ? '-' : `${part.length}:${part}`)).join('')
}
