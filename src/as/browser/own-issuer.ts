// The gateway as a client of the authorization server of this process: known to it without a secret, and never asked over
// the network.
import * as client from 'openid-client'
import type { AuthorizationServer } from '../contract.ts'
import { outcomeOf, prepareConfiguration } from '../sign-in/code-flow.ts'
import { createIdTokenKeys } from '../sign-in/id-token.ts'
import { createInProcessFetch } from './in-process-fetch.ts'
import { createIssuerClient, type IssuerClient, type WithIssuer } from './issuer-client.ts'

export type OwnServer = Pick<AuthorizationServer, 'engine' | 'handle' | 'metadataText'>

export interface OwnClient {
  readonly id: string
  /** What people read. */
  readonly name: string
  readonly redirectUri: string
  /** A native one is asked for consent each time (RFC 8252 §8.6). */
  readonly applicationType: 'web' | 'native'
}

export interface OwnIssuer {
  readonly client: IssuerClient
  /** Makes the client known; again where somebody removed it. */
  register(): Promise<void>
  close(): void
}

export function createOwnIssuer(server: OwnServer, own: OwnClient): OwnIssuer {
  const { store, secure } = server.engine
  const metadata = JSON.parse(server.metadataText()) as client.ServerMetadata
  const inProcess = createInProcessFetch(server.handle)
  const withIssuer: WithIssuer = async (address, work) => {
    const callerFetch = inProcess.forAddress(address)
    const config = new client.Configuration(metadata, own.id, undefined, client.None())
    const keys = createIdTokenKeys(metadata.jwks_uri, callerFetch)
    const known = { config: prepareConfiguration(config, callerFetch, !secure), keys, now: store.clock.now }
    const outcome = await outcomeOf(() => work(known))
    callerFetch.throwFault()
    return outcome
  }
  return {
    client: createIssuerClient({ withIssuer, redirectUri: own.redirectUri, tellsResource: true }),
    register: () =>
      store.clients.save(own.id, 'operator', {
        client_id: own.id,
        client_name: own.name,
        redirect_uris: [own.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: own.applicationType,
        require_auth_time: true,
      }),
    close: () => inProcess.close(),
  }
}
