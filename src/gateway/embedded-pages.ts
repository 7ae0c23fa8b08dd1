// The authorization server together with browser sessions on the routes that ask for them: to the front it is one
// server with a few more pages. Either may be absent.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BrowserSessions } from '../as/browser/browser-sessions.ts'
import type { AuthorizationServer } from '../as/contract.ts'
import type { RequestIdContext } from '../as/request-id-context.ts'

export interface EmbeddedPages {
  /** Undefined when no issuer is embedded. */
  readonly server: AuthorizationServer | undefined
  /** Undefined when no route has `browser`. */
  readonly browser: BrowserSessions | undefined
  /** What an operator should know at start. */
  probe(): Promise<readonly string[]>
  /** Whether a path (decoded, without query) is served here. */
  answers(path: string): boolean
  /**
   * @param address of the caller, as far as the gateway can tell
   * @param id of the request
   */
  handle(request: IncomingMessage, response: ServerResponse, address: string, id: string): Promise<void>
  /** Once: a second call waits for the end of the first. A drain closes what a reload may be closing already. */
  close(): Promise<void>
}

export function combine(
  server: AuthorizationServer | undefined,
  browser: BrowserSessions | undefined,
  requestIds: RequestIdContext,
): EmbeddedPages {
  let closing: Promise<void> | undefined
  const close = async () => {
    await browser?.close()
    await server?.close()
  }
  return {
    server,
    browser,
    probe: async () => [...(server?.warnings ?? []), ...((await server?.probe()) ?? [])],
    answers: (path) => browser?.answers(path) === true || server?.answers(path) === true,
    async handle(request, response, address, id) {
      const part = browser?.answers(pathOf(request)) ? browser : server
      await requestIds.run(id, async () => part?.handle(request, response, address))
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** The path as it was sent: the front has refused every path that is not in normal form. */
function pathOf({ url = '' }: IncomingMessage): string {
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}
