// The one place where error codes of sockets, DNS and TLS become refusals.
import type { Refusal } from '../core/refusal.ts'

/** Codes: E* of sockets and DNS, CERT_* and ERR_TLS_* of TLS. */
export function upstreamFailure(error: unknown): Refusal {
  const code = errorCode(error)
  return { reason: code === 'ETIMEDOUT' ? 'upstream_timeout' : 'upstream_unreachable', detail: code }
}

/** A machine-readable word for any thrown value; never its message, which may quote what was sent. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException
    if (typeof code === 'string') return code
    if (error.cause !== undefined) return errorCode(error.cause)
    return error.name
  }
  return typeof error
}
