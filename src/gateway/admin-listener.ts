// The administration port: http/admin.ts on a socket of its own.
import http from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Address, AdminSettings, Settings } from '../core/settings.ts'
import { createAddressReader } from '../http/address.ts'
import { type AdminOptions, createAdmin } from '../http/admin.ts'
import { createTokenOperators } from '../http/operator-tokens.ts'

export interface AdminListener {
  readonly origin: string
  close(): Promise<void>
}

/** What the port shows of a gateway, whether one process or several serve. */
export interface AdminSource extends Pick<AdminOptions, 'readiness' | 'metrics' | 'pages'> {
  /** The settings that serve now. */
  readonly settings: () => Settings
  /** Writes into the audit. */
  readonly record: (event: AuditEvent) => void
}

export async function listenAdmin(source: AdminSource): Promise<AdminListener> {
  const { settings } = source
  const { host, port } = settings().admin.listen
  const findToken = createTokenOperators(() => settings().admin)
  const app = createAdmin({
    ...source,
    operatorOf: ({ req }) => findToken(req.header('authorization')),
    isOpen: () => isOpen(settings().admin),
    addressOf({ env: { incoming } }) {
      const read = createAddressReader(settings().trustedProxies)
      return read(incoming.socket.remoteAddress ?? '', incoming)
    },
  })
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

/** Whether nobody is named who may use the port. */
function isOpen({ token, tokens }: AdminSettings): boolean {
  return token === undefined && tokens.length === 0
}

export function originOf(scheme: string, { host, port }: Address): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
