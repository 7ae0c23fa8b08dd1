// Sign-in at the authorization server of this process: known to it as a client without a secret, never asked over the
// network, and signed out of together with the route.
import type { AuthorizationServer } from '../contract.ts'
import type { PageRequest } from '../people.ts'
import { createLoginCookie } from '../sign-in/login-cookie.ts'
import { createCookieJar } from '../web/cookies.ts'
import type { LoginProvider } from './login-provider.ts'
import { createOwnIssuer, type OwnServer } from './own-issuer.ts'

const CLIENT_ID = 'portcullis-browser'
const CALLBACK_PATH = '/auth/callback'

export async function createEmbeddedLogin(server: OwnServer): Promise<LoginProvider> {
  const { engine } = server
  const { issuer, store, secure } = engine
  const loginCookie = createLoginCookie(createCookieJar(secure), store)
  const own = createOwnIssuer(server, {
    id: CLIENT_ID,
    name: `Sign-in in the browser at ${new URL(issuer).host}`,
    redirectUri: issuer + CALLBACK_PATH,
    applicationType: secure ? 'web' : 'native',
  })
  await own.register()
  return {
    callbackPath: CALLBACK_PATH,
    client: own.client,
    loginSessionOf: async (request) => (await loginCookie.read(request))?.id,
    isSignedIn: async (id) => id !== undefined && (await store.loginSessions.isAlive(id)),
    noteUse: (id) => store.loginSessions.touch(id),
    async endSession(page) {
      await endEngineSession(engine.provider(), page)
      return [await loginCookie.end(page.request)]
    },
    endedAt: async (subject) => (await store.users.find(subject))?.sessionsEndedAt,
    close: async () => own.close(),
  }
}

async function endEngineSession(
  provider: ReturnType<AuthorizationServer['engine']['provider']>,
  { request, response }: PageRequest,
): Promise<void> {
  const kept = await provider.Session.get(provider.createContext(request, response))
  if (kept.accountId !== undefined) await kept.destroy()
}
