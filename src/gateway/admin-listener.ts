// The administration port: http/admin.ts on a socket of its own.
import http from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Address } from '../core/settings.ts'
import { type AdminOptions, createAdmin } from '../http/admin.ts'

export interface AdminListener {
  readonly origin: string
  close(): Promise<void>
}

export async function listenAdmin({ host, port }: Address, options: AdminOptions): Promise<AdminListener> {
  const app = createAdmin(options)
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = http.createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const address = server.address()
  return {
    origin: originOf('http', { host, port: typeof address === 'object' && address ? address.port : port }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function originOf(scheme: string, { host, port }: Address): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
