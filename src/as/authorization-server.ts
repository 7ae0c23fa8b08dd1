// The embedded authorization server as the gateway sees it: paths, one handler, keys and revocations in process.
// Composes store, engine and people; knows no route of the gateway beyond its resource and scopes.
import { readFileSync } from 'node:fs'
import type { AuthorizationServerSettings } from '../core/settings-as.ts'
import type { AuthorizationServer, AuthorizationServerDeps } from './contract.ts'
import { createEngine } from './engine/engine.ts'
import { startHousekeeping } from './housekeeping.ts'
import { dataSecret } from './store/data-secret.ts'
import { openData } from './store/open-data.ts'

/** Throws when the data cannot be used or is served already, or a file of the settings cannot be read. */
export async function createAuthorizationServer(
  settings: AuthorizationServerSettings,
  deps: AuthorizationServerDeps,
): Promise<AuthorizationServer> {
  const isKeeper = deps.housekeeping ?? true
  const unlock = isKeeper ? deps.dataLocks?.take(settings.data) : undefined
  try {
    const server = await openServer(settings, deps, isKeeper)
    return {
      ...server,
      async close() {
        await server.close()
        unlock?.()
      },
    }
  } catch (error) {
    unlock?.()
    throw error
  }
}

async function openServer(
  settings: AuthorizationServerSettings,
  deps: AuthorizationServerDeps,
  isKeeper: boolean,
): Promise<AuthorizationServer> {
  const { onEvent, onFault } = deps
  const store = await (deps.openStore ?? openData)(settings.data, {
    secret: dataSecret(settings),
    clock: deps.clock,
    connections: settings.poolSize,
  })
  try {
    const { clientIdMetadata, unusedTtlSeconds } = settings.registration
    const ca = clientIdMetadata.ca === undefined ? undefined : readFileSync(clientIdMetadata.ca, 'utf8')
    const made = await createEngine({ ...deps, settings, store, ca })
    const unusedTtlMs = unusedTtlSeconds * 1_000
    const housekeeping = isKeeper
      ? await startHousekeeping({ store, unusedTtlMs, onEvent, onFault })
      : undefined
    return {
      ...made.face,
      store,
      warnings: warningsOf(settings),
      async close() {
        await housekeeping?.close()
        await made.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

function warningsOf({ registration }: AuthorizationServerSettings): readonly string[] {
  const { allowPrivateHosts, ca } = registration.clientIdMetadata
  return [
    ...allowPrivateHosts.map(
      (host) => `client metadata is fetched from ${host} although it may be a private address`,
    ),
    ...(ca === undefined ? [] : ['client metadata is fetched with certificate authorities of your own']),
  ]
}
