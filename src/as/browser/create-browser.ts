// Browser sessions on routes, put together over the authorization server that stands in the same process: the pages
// of signing in and out, and the token that a request's cookie stands for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { readWhole } from '../engine/inner-request.ts'
import { errorPage } from '../pages/notices.ts'
import { writePage } from '../pages/write.ts'
import type { PageRequest } from '../people.ts'
import { createUsers } from '../store/users.ts'
import { type BrowserRoute, CALLBACK_PATH, createBrowserLogin } from './browser-login.ts'
import { mayChange, mayRead } from './cookie-request.ts'
import { createCookieJar } from './cookies.ts'
import { createForms } from './forms.ts'
import { createOwnClient } from './own-client.ts'
import { createSessions } from './session-cookie.ts'

const MAX_BODY_BYTES = 16 * 1_024

/**
 * What a cookie says for a request: nothing, a token (and now and then a Set-Cookie value to send along), or that a
 * page sent it that may not.
 */
export type Presented =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'token'; readonly token: string; readonly renewed: string | undefined }
  | { readonly kind: 'forged' }

export interface Browser {
  answers(path: string): boolean
  /** @param address of the caller, as far as the gateway can tell */
  handle(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>
  /** For a request without a token of its own. */
  present(route: string, request: IncomingMessage): Presented
  close(): Promise<void>
}

export interface BrowserOptions {
  readonly server: Pick<AuthorizationServer, 'engine' | 'handle' | 'metadataText'>
  readonly routes: readonly BrowserRoute[]
}

export function createBrowser({ server, routes }: BrowserOptions): Browser {
  const { engine } = server
  const { issuer, store, onEvent } = engine
  const jar = createCookieJar(engine.secure)
  const client = createOwnClient(server, `${issuer}${CALLBACK_PATH}`)
  const users = createUsers(store)
  const sessions = createSessions(jar, store, (subject) => users.find(subject)?.sessionsEndedAt)
  const login = createBrowserLogin({
    publicOrigin: issuer,
    routes,
    client,
    sessions,
    forms: createForms(jar, store),
    jar,
    store,
    onEvent,
    endEngineSession: (page) => endEngineSession(engine.provider(), page),
  })
  return {
    answers: login.answers,
    async handle(request, response, address) {
      const body = await readWhole(request, MAX_BODY_BYTES)
      if (body === undefined) return writePage(response, errorPage(413, 'This form is too long.'))
      const { pathname } = new URL(request.url ?? '', issuer)
      await login.serve({ request, response, path: pathname, body, address })
    },
    present(name, request) {
      const route = routes.find((one) => one.name === name)
      const used = route && sessions.use(name, request)
      if (route === undefined || used === undefined) return { kind: 'nothing' }
      const isMeant = request.method === 'GET' ? mayRead : mayChange
      if (!isMeant(request, issuer, route.allowedOrigins)) return { kind: 'forged' }
      return { kind: 'token', token: used.session.token, renewed: used.renewed }
    },
    close: () => client.close(),
  }
}

async function endEngineSession(
  provider: ReturnType<AuthorizationServer['engine']['provider']>,
  { request, response }: PageRequest,
): Promise<void> {
  const kept = await provider.Session.get(provider.createContext(request, response))
  if (kept.accountId !== undefined) await kept.destroy()
}
