// Sign-in at an OpenID Connect issuer elsewhere, such as Keycloak or Entra, whose client the gateway is. Only its
// tokens end a session: what happens to the person there is not known here.
import type { Secret } from '../../core/secret.ts'
import type { ReachSettings } from '../../core/settings-reach.ts'
import { outcomeOf } from '../sign-in/code-flow.ts'
import { createDiscovery } from '../sign-in/discovery.ts'
import { createFetchClient } from '../sign-in/fetch-client.ts'
import { createIssuerClient, type WithIssuer } from './issuer-client.ts'
import type { LoginProvider } from './login-provider.ts'

export interface OidcLoginOptions extends ReachSettings {
  /** The name of the issuer in the file. */
  readonly name: string
  readonly issuer: string
  readonly allowInsecureIssuer: boolean
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  readonly tellsResource: boolean
  readonly parameters?: Readonly<Record<string, string>>
  /** The origin of the public URL. */
  readonly publicOrigin: string
  /** Absent: `/auth/callback/` and the name of the issuer. */
  readonly callbackPath?: string
  readonly now: () => number
}

export function createOidcLogin(options: OidcLoginOptions): LoginProvider {
  const { name, publicOrigin, callbackPath = `/auth/callback/${name}` } = options
  const fetchClient = createFetchClient(options.ca)
  const configuration = createDiscovery({ ...options, fetchClient })
  const withIssuer: WithIssuer = (_address, work) => outcomeOf(async () => work(await configuration()))
  return {
    callbackPath,
    client: createIssuerClient({ ...options, withIssuer, redirectUri: publicOrigin + callbackPath }),
    loginSessionOf: async () => undefined,
    isSignedIn: async () => true,
    noteUse: async () => undefined,
    endSession: async () => [],
    endedAt: async () => undefined,
    close: () => fetchClient.close(),
  }
}
