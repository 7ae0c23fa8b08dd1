// Whether a request that a cookie speaks for was meant by the page that sent it (G9). A browser sends cookies along
// with requests of any page of the same site; only a page that we know can add a header of its own.
import type { IncomingMessage } from 'node:http'

/** Any page may send a form; this header takes a preflight, which only listed origins pass. */
export const CUSTOM_HEADER = 'x-portcullis-request'

/** The one Origin field; undefined when there is none or more than one. */
export function readOrigin({ rawHeaders }: IncomingMessage): string | undefined {
  const sent = rawHeaders.filter(
    (_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'origin',
  )
  return sent.length === 1 ? sent[0] : undefined
}

/** For what changes something. `allowedOrigins` as in the file: exact. */
export function mayWriteWithCookie(
  request: IncomingMessage,
  publicOrigin: string,
  allowedOrigins: readonly string[],
): boolean {
  const origin = readOrigin(request)
  const isKnown = origin !== undefined && (origin === publicOrigin || allowedOrigins.includes(origin))
  return isKnown && hasCustomHeader(request)
}

/** For what only reads: a browser leaves Origin out of a GET to its own origin, so the header alone must do. */
export function mayReadWithCookie(
  request: IncomingMessage,
  publicOrigin: string,
  allowedOrigins: readonly string[],
): boolean {
  const origin = readOrigin(request)
  const isKnown = origin === undefined || origin === publicOrigin || allowedOrigins.includes(origin)
  return isKnown && hasCustomHeader(request)
}

function hasCustomHeader({ headers }: IncomingMessage): boolean {
  return headers[CUSTOM_HEADER] === '1'
}
