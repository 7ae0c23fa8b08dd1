// The key under which a caller is counted, for limits and for its share of what callers use together.
import { networkOf } from './network.ts'
import type { Principal } from './principal.ts'

/** Issuer and subject, whatever token they use; before there is a proved token, the network (S19, T-50). */
export function callerKey(principal: Principal | undefined, address: string): string {
  return principal === undefined ? `address ${networkOf(address)}` : principal.key
}

/** The key of a proved caller. */
export function principalKey(issuer: string, subject: string): string {
  return `${issuer} ${subject}`
}
