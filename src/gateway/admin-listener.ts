// The administration port: http/admin.ts on a socket of its own.
import http from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { OwnServerNow } from '../as/browser/console-login.ts'
import type { AuditEvent } from '../core/audit-event.ts'
import type { Address, Settings } from '../core/settings.ts'
import { createAddressReader } from '../http/address.ts'
import { type AdminOptions, createAdmin } from '../http/admin.ts'
import type { AdminContext, OpenPage, SignedPage } from '../http/admin-page.ts'
import { reachable } from '../lib/loopback.ts'
import { createOperators } from '../operators/operators.ts'

export interface AdminListener {
  readonly origin: string
  /** A link that opens the console once, for whoever sits at the terminal. */
  consoleLink(): string
  close(): Promise<void>
}

/** What the port shows of a gateway, whether one process or several serve. */
export interface AdminSource extends Pick<AdminOptions, 'readiness' | 'metrics' | 'pages'> {
  /** Beside the ways to a session, what answers whoever asks. */
  readonly signedPages?: readonly SignedPage[]
  /** The settings that serve now. */
  readonly settings: () => Settings
  /** Writes into the audit. */
  readonly record: (event: AuditEvent) => void
  /** The authorization server of this gateway; absent: none. */
  readonly ownServer?: OwnServerNow
}

export async function listenAdmin(source: AdminSource): Promise<AdminListener> {
  const { settings, record, ownServer = async () => undefined } = source
  const { host, port } = settings().admin.listen
  let origin = originOf('http', { host: reachable(host), port })
  const addressOf = ({ env: { incoming } }: AdminContext) =>
    createAddressReader(settings().trustedProxies)(incoming.socket.remoteAddress ?? '', incoming)
  const operators = createOperators({ settings, record, addressOf, ownServer, origin: () => origin })
  const signed = (source.signedPages ?? []).map(
    ({ path, answer }): OpenPage => ({
      ...{ method: 'POST', path },
      answer: (context) => answer(context, addressOf(context)),
    }),
  )
  const doors = [...operators.doors, ...signed]
  const app = createAdmin({ ...source, ...operators, doors, addressOf })
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = http.createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const address = server.address()
  const taken = typeof address === 'object' && address ? address.port : port
  origin = originOf('http', { host: reachable(host), port: taken })
  return {
    origin: originOf('http', { host, port: taken }),
    consoleLink: operators.link,
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
