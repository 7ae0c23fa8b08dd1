// A loopback proxy that adds one bearer token to every request and changes nothing else, because the official
// runner cannot send tokens. Headers keep their order, case and repeats; bodies and streams pass as they come.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Shim {
  /** The target's URL with this proxy's authority. */
  readonly url: string
  close(): Promise<void>
}

export async function startShim(target: string, token: string): Promise<Shim> {
  const { hostname, port, pathname } = new URL(target)
  const server = createServer((inbound, outbound) => {
    const { method, url: path, rawHeaders } = inbound
    const headers = [...rawHeaders, 'Authorization', `Bearer ${token}`]
    const forwarded = request({ hostname, port, method, path, headers, setHost: false, agent: false })
    forwarded.on('response', (reply) => {
      outbound.writeHead(reply.statusCode ?? 502, reply.statusMessage, reply.rawHeaders)
      outbound.flushHeaders()
      reply.pipe(outbound)
      reply.on('error', () => outbound.destroy())
    })
    forwarded.on('error', () => outbound.destroy())
    // A client that leaves must be seen to leave by the gateway.
    outbound.on('close', () => forwarded.destroy())
    inbound.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
