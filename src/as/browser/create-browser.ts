// Browser sessions on routes, put together: the pages of signing in and out, at whichever issuer, and the token that a
// request's cookie stands for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readWhole } from '../engine/inner-request.ts'
import type { OnEvent } from '../events.ts'
import { errorPage } from '../pages/notices.ts'
import { writePage } from '../pages/write.ts'
import { createBrowserLogin } from './browser-login.ts'
import { mayChange, mayRead } from './cookie-request.ts'
import { createCookieJar } from './cookies.ts'
import { createForms } from './forms.ts'
import type { Keep } from './keep.ts'
import type { BrowserRoute, Prove } from './login-pages.ts'
import { createSessions } from './session-cookie.ts'
import type { SignInSource } from './source.ts'

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
  /** Of the public URL. */
  readonly publicOrigin: string
  readonly routes: readonly BrowserRoute[]
  /** One for each of the routes, by its name; routes may share one. */
  readonly sources: ReadonlyMap<string, SignInSource>
  readonly keep: Keep
  readonly onEvent: OnEvent
  readonly prove: Prove
}

export function createBrowser(options: BrowserOptions): Browser {
  const { publicOrigin, routes, sources, keep } = options
  const jar = createCookieJar(publicOrigin.startsWith('https:'))
  const sessions = createSessions(jar, keep, (route, subject) => sources.get(route)?.endedAt(subject))
  const login = createBrowserLogin({ ...options, sessions, forms: createForms(jar, keep), jar })
  return {
    answers: login.answers,
    async handle(request, response, address) {
      const body = await readWhole(request, MAX_BODY_BYTES)
      if (body === undefined) return writePage(response, errorPage(413, 'This form is too long.'))
      const { pathname } = new URL(request.url ?? '', publicOrigin)
      await login.serve({ request, response, path: pathname, body, address })
    },
    present(name, request) {
      const route = routes.find((one) => one.name === name)
      const used = route && sessions.use(route, request)
      if (route === undefined || used === undefined) return { kind: 'nothing' }
      const isMeant = request.method === 'GET' ? mayRead : mayChange
      if (!isMeant(request, publicOrigin, route.allowedOrigins)) return { kind: 'forged' }
      return { kind: 'token', token: used.session.token, renewed: used.renewed }
    },
    async close() {
      for (const source of new Set(sources.values())) await source.close()
    },
  }
}
