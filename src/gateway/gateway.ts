// The gateway as a running thing of its own: the public listener and the admin listener around serving.ts. Takes
// settings, not files; reading and watching the configuration is the command's business.
import http from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Address, Settings } from '../core/settings.ts'
import { type AdminOptions, createAdmin } from '../http/admin.ts'
import { type Listener, listen } from '../http/listen.ts'
import { publishManifests } from './publish-manifests.ts'
import { createServing, type Serving } from './serving.ts'
import type { ServingOptions } from './serving-options.ts'

export type GatewayOptions = ServingOptions

export interface RunningGateway {
  /** Of the public listener, as it really is: `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly adminOrigin: string
  /** Serves other settings from the next request on. What belongs to the listeners needs a restart, and is logged. */
  reload(settings: Settings): Promise<void>
  /** Counts a reload that was refused because the file is broken. */
  refuseReload(): void
  /** Reads the TLS files of the listener again; throws, and keeps the old ones, when they cannot be used. */
  reloadTls(): void
  /** Says that it is not ready, stops accepting, ends long streams in order, lets the rest finish for at most `drainMs`. */
  close(drainMs?: number): Promise<void>
}

/** Throws when an address cannot be listened on, or a file of the settings cannot be used; nothing is open then. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const serving = await createServing(options, { untilRestart: heldByListeners })
  let listener: Listener | undefined
  try {
    listener = await listenPublic(options.settings, serving)
    const admin = await listenAdmin(options.settings.admin.listen, {
      token: () => serving.settings().admin.token,
      readiness: serving.readiness,
      metrics: serving.metrics,
    })
    void publishManifests(options.settings, serving.log)
    return runningGateway(options.settings, serving, listener, admin)
  } catch (error) {
    await listener?.close(0)
    await serving.close()
    throw error
  }
}

type AdminListener = Awaited<ReturnType<typeof listenAdmin>>

function runningGateway(
  settings: Settings,
  serving: Serving,
  listener: Listener,
  admin: AdminListener,
): RunningGateway {
  return {
    origin: originOf(settings.tls ? 'https' : 'http', listener.address),
    adminOrigin: originOf('http', admin.address),
    reload: serving.reload,
    refuseReload: () => serving.metrics.reload('refused'),
    reloadTls: () => listener.reloadTls(),
    async close(drainMs) {
      await serving.drain(drainMs, (...stopping) => listener.close(...stopping))
      await admin.close()
      await serving.close()
    },
  }
}

/** What the listeners were started with stays until a restart. */
function heldByListeners(settings: Settings): Readonly<Record<string, unknown>> {
  return {
    listen: settings.listen,
    'admin.listen': settings.admin.listen,
    tls: settings.tls,
    'limits.headers': settings.limits.headerBytes,
  }
}

function listenPublic(settings: Settings, { handle, generation }: Serving): Promise<Listener> {
  return listen({
    address: settings.listen,
    tls: settings.tls,
    handle,
    headerBytes: settings.limits.headerBytes,
    networks: { networkOfPeer: (address) => generation().networkOfPeer(address), ...settings.limits },
  })
}

async function listenAdmin({ host, port }: Address, options: AdminOptions) {
  const app = createAdmin(options)
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = http.createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const address = server.address()
  return {
    address: { host, port: typeof address === 'object' && address ? address.port : port },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function originOf(scheme: string, { host, port }: { readonly host: string; readonly port: number }): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
