// A loopback proxy in front of the authorization server that leaves the ways of clients without a secret out of its
// metadata, and changes nothing else: the runner sends the secret of a client only where nothing else is offered.
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** The one way that is left. */
export const LEFT_METHOD = 'client_secret_basic'
const METADATA = /^\/\.well-known\/(?:oauth-authorization-server|openid-configuration)\/?$/
/** Made anew, since the body is read as a whole. */
const FRAMING = new Set(['content-length', 'transfer-encoding'])
const OFFERED = 'token_endpoint_auth_methods_supported'

export interface SecretShim {
  readonly url: string
  close(): Promise<void>
}

/** @param target where the server listens; its public URL must be that of the proxy, which starts first */
export async function startSecretShim(target: () => string): Promise<SecretShim> {
  const server = createServer((inbound, outbound) => {
    const { method, url: path, rawHeaders } = inbound
    const forwarded = request(new URL(path ?? '/', target()), {
      method,
      headers: [...rawHeaders],
      setHost: false,
    })
    forwarded.on('response', async (reply: IncomingMessage) => {
      const whole = await text(reply)
      const body = METADATA.test(path ?? '') ? withoutOthers(whole) : whole
      const fields = reply.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 1 || FRAMING.has(name.toLowerCase()) ? [] : [name, all[index + 1] ?? ''],
      )
      outbound.writeHead(reply.statusCode ?? 502, [...fields, 'content-length', `${Buffer.byteLength(body)}`])
      outbound.end(body)
    })
    forwarded.on('error', () => outbound.destroy())
    inbound.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function withoutOthers(metadata: string): string {
  const document = JSON.parse(metadata) as Record<string, unknown>
  const offered = document[OFFERED] as readonly string[]
  return JSON.stringify({ ...document, [OFFERED]: offered.filter((method) => method === LEFT_METHOD) })
}
