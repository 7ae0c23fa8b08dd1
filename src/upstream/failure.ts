// The one place where error codes of undici, sockets, DNS and TLS become refusals.
import type { Refusal } from '../core/refusal.ts'

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

const INVALID = new Set([
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
])

/** Codes: UND_ERR_* of undici, HPE_* of its parser, E* of sockets and DNS, CERT_* and ERR_TLS_* of TLS. */
export function upstreamFailure(error: unknown): Refusal {
  const code = errorCode(error)
  if (TIMEOUTS.has(code)) return { reason: 'upstream_timeout', detail: code }
  if (INVALID.has(code) || code.startsWith('HPE_')) return { reason: 'upstream_invalid', detail: code }
  return { reason: 'upstream_unreachable', detail: code }
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
