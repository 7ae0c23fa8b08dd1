// A page → the response, in the language that its reader asked for. The one place where pages meet the socket.
import type { ServerResponse } from 'node:http'
import type { Branding } from '../../core/branding.ts'
import type { HtmlPage, PageRequest } from '../people.ts'
import type { Page, View } from './page.ts'
import { localeFor } from './texts/locale.ts'

export function viewOf(response: ServerResponse, branding: Branding): View {
  const requestId = response.getHeader('x-request-id')
  return {
    locale: localeFor(response.req.headers['accept-language']),
    branding,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  }
}

export function writePage(
  { response, branding }: Pick<PageRequest, 'response' | 'branding'>,
  page: Page | HtmlPage,
  cookies: readonly string[] = [],
): void {
  const { status, headers, body } = typeof page === 'function' ? page(viewOf(response, branding)) : page
  response.setHeader('x-content-type-options', 'nosniff')
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'vary') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  // The engine may have cookies of its own on the same response.
  for (const cookie of cookies) response.appendHeader('set-cookie', cookie)
  const bytes = Buffer.from(body)
  if (status !== 204) response.setHeader('content-length', bytes.length) // RFC 9110 §8.6
  response.statusCode = status
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
