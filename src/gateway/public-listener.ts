// Serves on the public address: puts serving.ts behind a listener. gateway.ts adds the admin port; a worker has none.
import type { Settings } from '../core/settings.ts'
import { type Listener, listen } from '../http/listen.ts'
import { originOf } from './admin-listener.ts'
import { createServing, type Serving } from './serving.ts'
import type { ServingOptions } from './serving-options.ts'

export interface PublicListener {
  readonly serving: Serving
  readonly origin: string
  readonly readTls: Listener['readTls']
  /** Refuses new requests, and ends those under way (see `Serving.drain`). */
  drain(drainMs?: number): Promise<void>
  /** Ends everything at once. */
  abandon(): Promise<void>
}

/** Throws when the address cannot be listened on, or a file of the settings cannot be used; nothing is open then. */
export async function serveOnAddress(options: ServingOptions): Promise<PublicListener> {
  const { settings } = options
  const serving = await createServing(options, { untilRestart: heldByListeners })
  try {
    const listener = await listenPublic(settings, serving)
    return {
      serving,
      origin: originOf(settings.tls ? 'https' : 'http', listener.address),
      readTls: () => listener.readTls(),
      drain: (drainMs) => serving.drain(drainMs, (...stopping) => listener.close(...stopping)),
      async abandon() {
        await listener.close(0)
        await serving.close()
      },
    }
  } catch (error) {
    await serving.close()
    throw error
  }
}

/** The settings that the listeners were started with, which stay in force until a restart. */
function heldByListeners(settings: Settings): Readonly<Record<string, unknown>> {
  return {
    listen: settings.listen,
    'admin.listen': settings.admin.listen,
    tls: settings.tls,
    workers: settings.workers,
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
