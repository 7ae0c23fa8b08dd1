// The authorization server together with browser sessions on the routes that ask for them: to the front it is one
// server with a few more pages.
import type { IncomingMessage } from 'node:http'
import type { AuthorizationServer } from './as/authorization-server.ts'
import type { Browser, createBrowser } from './as/browser/create-browser.ts'

export interface EmbeddedServer extends AuthorizationServer {
  /** Undefined when no route has `browser`. */
  readonly browser: Browser | undefined
}

export function withBrowser(
  server: AuthorizationServer,
  browser: ReturnType<typeof createBrowser>,
): EmbeddedServer {
  return {
    ...server,
    browser,
    answers: (path) => browser.answers(path) || server.answers(path),
    handle: (request, response, address) =>
      (browser.answers(pathOf(request)) ? browser : server).handle(request, response, address),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

/** As it was sent: the front has refused what is not in normal form. */
function pathOf({ url = '' }: IncomingMessage): string {
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}
