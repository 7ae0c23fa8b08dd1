// Sign-in at the authorization server of this process: known to it as a client without a secret, never asked over the
// network, and signed out of together with the route.
import * as client from 'openid-client'
import type { AuthorizationServer } from '../contract.ts'
import type { PageRequest } from '../people.ts'
import { outcomeOf, prepareConfiguration } from '../sign-in/code-flow.ts'
import { createIdTokenKeys } from '../sign-in/id-token.ts'
import { createLoginCookie } from '../sign-in/login-cookie.ts'
import { createCookieJar } from '../web/cookies.ts'
import { createInProcessFetch } from './in-process-fetch.ts'
import { createIssuerClient, type WithIssuer } from './issuer-client.ts'
import type { LoginProvider } from './login-provider.ts'

const CLIENT_ID = 'portcullis-browser'
const CALLBACK_PATH = '/auth/callback'

export async function createEmbeddedLogin(
  server: Pick<AuthorizationServer, 'engine' | 'handle' | 'metadataText'>,
): Promise<LoginProvider> {
  const { engine } = server
  const { issuer, store, secure } = engine
  const redirectUri = issuer + CALLBACK_PATH
  const loginCookie = createLoginCookie(createCookieJar(secure), store)
  await store.clients.save(CLIENT_ID, 'operator', {
    client_id: CLIENT_ID,
    client_name: `Sign-in in the browser at ${new URL(issuer).host}`,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: secure ? 'web' : 'native',
    require_auth_time: true,
  })
  const metadata = JSON.parse(server.metadataText()) as client.ServerMetadata
  const inProcess = createInProcessFetch(server.handle)
  const withIssuer: WithIssuer = async (address, work) => {
    const callerFetch = inProcess.forAddress(address)
    const config = new client.Configuration(metadata, CLIENT_ID, undefined, client.None())
    const keys = createIdTokenKeys(metadata.jwks_uri, callerFetch)
    const known = { config: prepareConfiguration(config, callerFetch, !secure), keys, now: store.clock.now }
    const outcome = await outcomeOf(() => work(known))
    callerFetch.throwFault()
    return outcome
  }
  return {
    callbackPath: CALLBACK_PATH,
    client: createIssuerClient({ withIssuer, redirectUri, tellsResource: true }),
    loginSessionOf: async (request) => (await loginCookie.read(request))?.id,
    isSignedIn: async (id) => id !== undefined && (await store.loginSessions.isAlive(id)),
    noteUse: (id) => store.loginSessions.touch(id),
    async endSession(page) {
      await endEngineSession(engine.provider(), page)
      return [await loginCookie.end(page.request)]
    },
    endedAt: async (subject) => (await store.users.find(subject))?.sessionsEndedAt,
    close: async () => inProcess.close(),
  }
}

async function endEngineSession(
  provider: ReturnType<AuthorizationServer['engine']['provider']>,
  { request, response }: PageRequest,
): Promise<void> {
  const kept = await provider.Session.get(provider.createContext(request, response))
  if (kept.accountId !== undefined) await kept.destroy()
}
