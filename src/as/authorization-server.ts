// The embedded authorization server as the gateway sees it: paths, one handler, keys and revocations in process.
// Composes store, engine and people; knows no route of the gateway beyond its resource and scopes.
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import type { PartStatus } from '../core/route.ts'
import type { AuthorizationServerSettings } from '../core/settings-as.ts'
import { createEngine } from './engine/engine.ts'
import type { OnEvent, OnFault } from './events.ts'
import type { Engine, People } from './people.ts'
import type { RefusedCall, RefusedScopes } from './refused-scopes.ts'
import { dataSecret } from './store/data-secret.ts'
import { openStore } from './store/sqlite/open-store.ts'
import type { Store, StoreClock } from './store/store.ts'
import { createSweep } from './store/sweep.ts'

/** A route whose tokens are minted here. */
export interface ProtectedRoute {
  /** Its public URL (RFC 8707). */
  readonly resource: string
  /** What `aud` of its tokens is. */
  readonly audience: string
  /** Given to a client that asks for no scope. */
  readonly baseline: readonly string[]
  /** Every scope that the route names. */
  readonly scopes: readonly string[]
}

export interface AuthorizationServerDeps {
  /** The origin of `public_url`, without a slash. */
  readonly issuer: string
  readonly routes: readonly ProtectedRoute[]
  /** Whether a route of this origin asks for nonces in DPoP proofs: clients then bring them here too. */
  readonly proofNonces?: boolean
  /** What calls were refused for: outlives a reload. */
  readonly refusedScopes: RefusedScopes
  readonly clock: StoreClock
  readonly onEvent: OnEvent
  readonly onFault: OnFault
  readonly people: (engine: Engine, settings: AuthorizationServerSettings) => Promise<People>
}

export interface AuthorizationServer {
  readonly issuer: string
  readonly store: Store
  readonly engine: Engine
  /** What an operator should know at start: loosened guards, in plain sentences. */
  readonly warnings: readonly string[]
  /** Whether a path (decoded, without query) is served here. */
  answers(path: string): boolean
  /** @param address of the caller, as far as the gateway can tell */
  handle(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>
  /** What an operator should know of the outside providers, in plain sentences. */
  probe(): Promise<readonly string[]>
  /** Of each outside provider. */
  status(): readonly PartStatus[]
  /** Public keys, newest first. */
  keys(): readonly JWK[]
  /**
   * Whether a token with these claims, whose signature held, counts no more: it was revoked, or its person may not have
   * its scopes any more. Costs microseconds.
   */
  isRevoked(claims: Readonly<Record<string, unknown>>): boolean
  /** A call with a token of this server was refused for want of scopes. */
  noteRefused(call: RefusedCall): void
  /** Its metadata document (RFC 8414) as JSON text. */
  metadataText(): string
  close(): Promise<void>
}

const SWEEP_MS = 600_000
/** Between two steps of one pass, for the requests that wait. */
const STEP_PAUSE_MS = 20
/** What a command changed acts at once; its record follows within this time. */
const RECORD_MS = 1_000

/** Throws when the data cannot be used, or a file of the settings cannot be read. */
export async function createAuthorizationServer(
  settings: AuthorizationServerSettings,
  deps: AuthorizationServerDeps,
): Promise<AuthorizationServer> {
  const { clientIdMetadata, unusedTtlSeconds } = settings.registration
  const store = await openStore(settings.data, { secret: dataSecret(settings), clock: deps.clock })
  const made = await createEngine({
    ...deps,
    settings,
    store,
    ca: clientIdMetadata.ca === undefined ? undefined : readFileSync(clientIdMetadata.ca, 'utf8'),
  })
  const step = createSweep({
    store,
    unusedTtlMs: unusedTtlSeconds * 1_000,
    onRemoved: (client) =>
      deps.onEvent({ event: 'client_removed', actor: 'server', client, detail: 'unused' }),
  })
  let nextStep: NodeJS.Timeout | undefined
  const tidy = () => {
    clearTimeout(nextStep)
    if (step()) nextStep = setTimeout(patiently(tidy, deps.onFault), STEP_PAUSE_MS).unref()
  }
  const record = () => store.outbox.take().forEach(deps.onEvent)
  tidy()
  record()
  const { onFault } = deps
  const timers = [
    setInterval(patiently(tidy, onFault), SWEEP_MS),
    setInterval(patiently(record, onFault), RECORD_MS),
  ]
  for (const timer of timers) timer.unref()
  return {
    ...made.face,
    store,
    warnings: warningsOf(settings),
    async close() {
      timers.forEach(clearInterval)
      clearTimeout(nextStep)
      patiently(record, onFault)()
      await made.close()
      store.close()
    },
  }
}

/**
 * A file that is full or locked for a while does not end the process: the log says so once, and the sweep is tried
 * again.
 */
function patiently(work: () => void, onFault: OnFault): () => void {
  let fails = false
  return () => {
    try {
      work()
      fails = false
    } catch (error) {
      const ofFile = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
      if (!ofFile) throw error
      if (!fails) onFault(error)
      fails = true
    }
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
