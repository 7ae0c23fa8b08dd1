// Turns error codes of sockets, DNS and TLS into refusals. No other file does.
import type { Refusal } from '../core/refusal.ts'

/** The refusal of calls under way when the gateway stops. It says nothing about the upstream. */
export const STOPPING: Refusal = {
  reason: 'overloaded',
  detail: 'the gateway is stopping',
  retryAfterSeconds: 1,
}

/** Known codes are E* of sockets and DNS, CERT_* and ERR_TLS_* of TLS. */
export function upstreamFailure(error: unknown): Refusal {
  const code = errorCode(error)
  return { reason: code === 'ETIMEDOUT' ? 'upstream_timeout' : 'upstream_unreachable', detail: code }
}

/** Returns a machine-readable word for any thrown value; never its message, which may quote what was sent. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException
    if (typeof code === 'string') return code
    if (error.cause !== undefined) return errorCode(error.cause)
    return error.name
  }
  return typeof error
}
