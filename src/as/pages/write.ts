// A page → the response. The one place where pages meet the socket.
import type { ServerResponse } from 'node:http'
import type { Page } from './page.ts'

export function writePage(response: ServerResponse, page: Page, cookies: readonly string[] = []): void {
  response.setHeader('x-content-type-options', 'nosniff')
  for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value)
  // The engine may have cookies of its own on the same response.
  for (const cookie of cookies) response.appendHeader('set-cookie', cookie)
  const body = Buffer.from(page.body)
  if (page.status !== 204) response.setHeader('content-length', body.length) // RFC 9110 §8.6
  response.statusCode = page.status
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
