// The demo's client metadata document (OAuth Client ID Metadata Documents), served on loopback over TLS. A real client
// publishes its own at a public https address, and nothing has to be loosened for it.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { REDIRECT_URL } from './login.ts'
import { makeLoopbackCertificate } from './loopback-certificate.ts'

export interface DemoDocument {
  /** Where it is: also the id of the client. */
  readonly url: string
  /** `127.0.0.1:40961`, for `allow_private_hosts`. */
  readonly host: string
  /** PEM of the authority to trust. */
  readonly ca: string
  close(): Promise<void>
}

const PATH = '/demo-client.json'

export async function serveDemoDocument(): Promise<DemoDocument> {
  const { cert, key } = makeLoopbackCertificate('portcullis demo')
  let document = '{}'
  const server = createServer({ cert, key }, (request, response) => {
    const known = request.url === PATH
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end(known ? document : '{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `https://${host}${PATH}`
  document = JSON.stringify({
    client_id: url,
    client_name: 'portcullis demo, by its document',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  })
  return {
    url,
    host,
    ca: cert,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
