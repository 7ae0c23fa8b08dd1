// The gateway as a client of the authorization server in its own process: known to it without a secret, and never
// asked over the network.
import * as client from 'openid-client'
import type { AuthorizationServer } from '../authorization-server.ts'
import { prepare } from '../sign-in/code-flow.ts'
import { createClients } from '../store/clients.ts'
import { createIssuerClient, type IssuerClient } from './issuer-client.ts'
import { createOwnLine } from './own-line.ts'

export const OWN_CLIENT_ID = 'portcullis-browser'

export interface OwnClient extends IssuerClient {
  close(): Promise<void>
}

export function createOwnClient(
  server: Pick<AuthorizationServer, 'engine' | 'handle' | 'metadataText'>,
  redirectUri: string,
): OwnClient {
  const { issuer, store, secure } = server.engine
  createClients(store).save(OWN_CLIENT_ID, 'operator', {
    client_id: OWN_CLIENT_ID,
    client_name: `Sign-in in the browser at ${new URL(issuer).host}`,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: secure ? 'web' : 'native',
    require_auth_time: true,
  })
  const metadata = JSON.parse(server.metadataText()) as client.ServerMetadata
  const line = createOwnLine((request, response, address) => void server.handle(request, response, address))
  const configuration = async (address: string) =>
    prepare(
      new client.Configuration(metadata, OWN_CLIENT_ID, undefined, client.None()),
      line.from(address),
      !secure,
    )
  return { ...createIssuerClient({ configuration, redirectUri }), close: line.close }
}
