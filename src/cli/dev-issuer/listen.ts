// Puts the local development issuer on a loopback port. Refuses every other address: it approves everybody.

import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Address } from '../../core/settings.ts'
import { isLoopbackHost } from '../../lib/loopback.ts'
import { createDevIssuer, type DevIssuerOptions } from './issuer.ts'

export interface RunningDevIssuer {
  /** The issuer identifier, also where it is reached. */
  readonly issuer: string
  close(): Promise<void>
}

export type DevIssuerStart =
  | { readonly ok: true; readonly running: RunningDevIssuer }
  | { readonly ok: false; readonly message: string }

/** `127.0.0.1:9000`, `localhost:9000` or `[::1]:9000`; port 0 takes a free one. Undefined for anything else. */
export function parseLoopbackAddress(text: string): Address | undefined {
  const match = /^(\[[^\]]*\]|[^:]+):(\d{1,5})$/.exec(text)
  const host = match?.[1]?.toLowerCase() ?? ''
  const port = Number(match?.[2])
  return isLoopbackHost(host) && port <= 65_535 ? { host, port } : undefined
}

export async function startDevIssuer(
  address: Address,
  options: Omit<DevIssuerOptions, 'issuer'>,
): Promise<DevIssuerStart> {
  let app: ReturnType<typeof createDevIssuer> | undefined
  const server = createAdaptorServer({
    overrideGlobalObjects: false, // others of this process ask `instanceof Response`
    fetch: (request) => app?.fetch(request) ?? new Response(null, { status: 503 }),
  })
  const failure = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(address.port, address.host.replace(/^\[|\]$/g, ''), () => resolve(undefined))
  })
  if (failure !== undefined) {
    return { ok: false, message: `cannot listen on ${address.host}:${address.port} (${failure.message})` }
  }
  const { port } = server.address() as AddressInfo
  const issuer = `http://${address.host}:${port}`
  app = createDevIssuer({ ...options, issuer })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  return { ok: true, running: { issuer, close } }
}
