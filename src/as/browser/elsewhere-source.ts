// Sign-in at an OpenID Connect issuer elsewhere, such as Keycloak or Entra, whose client the gateway is. Only its
// tokens end a session: what happens to the person there is not known here.
import type { Secret } from '../../core/secret.ts'
import type { Reach } from '../../core/settings-reach.ts'
import { outcomeOf } from '../sign-in/code-flow.ts'
import { createDiscovery } from '../sign-in/discovery.ts'
import { createLine } from '../sign-in/line.ts'
import { createIssuerClient, type Talk } from './issuer-client.ts'
import type { SignInSource } from './source.ts'

export interface ElsewhereOptions extends Reach {
  /** Of the issuer in the file. */
  readonly name: string
  readonly issuer: string
  readonly allowInsecureIssuer: boolean
  readonly clientId: string
  readonly clientSecret: Secret | undefined
  readonly tellsResource: boolean
  readonly parameters?: Readonly<Record<string, string>>
  /** Of the public URL. */
  readonly publicOrigin: string
  readonly now: () => number
}

export function createElsewhereSource(options: ElsewhereOptions): SignInSource {
  const { name, publicOrigin } = options
  const callbackPath = `/auth/callback/${name}`
  const line = createLine(options.ca)
  const configuration = createDiscovery({ ...options, line })
  const talk: Talk = (_address, work) => outcomeOf(async () => work(await configuration()))
  return {
    callbackPath,
    client: createIssuerClient({ ...options, talk, redirectUri: publicOrigin + callbackPath }),
    endSession: async () => undefined,
    endedAt: () => undefined,
    close: () => line.close(),
  }
}
