// Browser sessions on routes, put together: the pages of signing in and out, at whichever issuer, and the token that a
// request's cookie stands for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Branding } from '../../core/branding.ts'
import type { OnEvent } from '../events.ts'
import { errorPage } from '../pages/notices.ts'
import { writePage } from '../pages/write.ts'
import type { BrowserState } from '../web/browser-state.ts'
import { createCookieJar } from '../web/cookies.ts'
import { createCsrfForms } from '../web/csrf-forms.ts'
import { readWhole } from '../web/inner-request.ts'
import { createSessionStore } from '../web/session-store.ts'
import { createBrowserLogin } from './browser-login.ts'
import { mayReadWithCookie, mayWriteWithCookie } from './cookie-request.ts'
import type { BrowserRoute, ProveSubject } from './login-pages.ts'
import type { LoginProvider } from './login-provider.ts'

const MAX_BODY_BYTES = 16 * 1_024

/**
 * What a cookie says for a request: nothing, a token (and now and then a Set-Cookie value to send along), that a page sent
 * it that may not, or that nobody can tell whether it was ended.
 */
export type PresentedSession =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'token'; readonly token: string; readonly renewed: string | undefined }
  | { readonly kind: 'forged' }
  | { readonly kind: 'unknown' }

export interface BrowserSessions {
  answers(path: string): boolean
  /** @param address of the caller, as far as the gateway can tell */
  handle(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>
  /** For a request without a token of its own. */
  present(route: string, request: IncomingMessage): Promise<PresentedSession>
  close(): Promise<void>
}

export interface BrowserSessionsOptions {
  /** The origin of the public URL. */
  readonly publicOrigin: string
  readonly branding: Branding
  readonly routes: readonly BrowserRoute[]
  /** One for each of the routes, by its name; routes may share one. */
  readonly loginProviders: ReadonlyMap<string, LoginProvider>
  readonly browserState: BrowserState
  readonly onEvent: OnEvent
  readonly prove: ProveSubject
}

export function createBrowserSessions(options: BrowserSessionsOptions): BrowserSessions {
  const { publicOrigin, branding, routes, loginProviders, browserState } = options
  const byName = new Map(routes.map((route) => [route.name, route]))
  const jar = createCookieJar(publicOrigin.startsWith('https:'))
  const sessions = createSessionStore(jar, browserState, {
    endedAt: async (route, subject) => loginProviders.get(route)?.endedAt(subject),
    isSignedIn: async (route, loginSession) =>
      (await loginProviders.get(route)?.isSignedIn(loginSession)) === true,
    noteUse: async (route, loginSession) => loginProviders.get(route)?.noteUse(loginSession),
  })
  const login = createBrowserLogin({ ...options, sessions, forms: createCsrfForms(jar, browserState), jar })
  const unlessFault = (error: unknown) => {
    if (browserState.isFault(error)) return 'unknown' as const
    throw error
  }
  return {
    answers: login.answers,
    async handle(request, response, address) {
      const body = await readWhole(request, MAX_BODY_BYTES)
      if (body === undefined) return writePage({ response, branding }, errorPage(413, 'formTooLong'))
      const { pathname } = new URL(request.url ?? '', publicOrigin)
      try {
        await login.serve({ request, response, path: pathname, body, address, branding })
      } catch (error) {
        if (!browserState.isFault(error) || response.headersSent) throw error
        writePage({ response, branding }, errorPage(503, 'signInAway'))
      }
    },
    async present(name, request) {
      const route = byName.get(name)
      const used = route && (await sessions.use(route, request).catch(unlessFault))
      if (used === 'unknown') return { kind: 'unknown' }
      if (route === undefined || used === undefined) return { kind: 'nothing' }
      const isMeant = request.method === 'GET' ? mayReadWithCookie : mayWriteWithCookie
      if (!isMeant(request, publicOrigin, route.allowedOrigins)) return { kind: 'forged' }
      return { kind: 'token', token: used.session.token, renewed: used.renewed }
    },
    async close() {
      for (const loginProvider of new Set(loginProviders.values())) await loginProvider.close()
    },
  }
}
