// The gateway as a running thing of its own: the public listener and the admin listener. Takes settings, not files; reading
// and watching the configuration is the command's business.
import type { Settings } from '../core/settings.ts'
import { listenAdmin } from './admin-listener.ts'
import { serveOnAddress } from './public-listener.ts'
import { publishManifests } from './publish-manifests.ts'
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
  const served = await serveOnAddress(options)
  const { serving } = served
  try {
    const admin = await listenAdmin(options.settings.admin.listen, {
      token: () => serving.settings().admin.token,
      readiness: serving.readiness,
      metrics: serving.metrics,
    })
    void publishManifests(options.settings, serving.log)
    return {
      origin: served.origin,
      adminOrigin: admin.origin,
      reload: serving.reload,
      refuseReload: () => serving.metrics.reload('refused'),
      reloadTls: () => served.readTls()(),
      async close(drainMs) {
        await served.drain(drainMs)
        await admin.close()
        await serving.close()
      },
    }
  } catch (error) {
    await served.abandon()
    throw error
  }
}
