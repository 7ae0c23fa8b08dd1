// What the authorization server needs of the gateway, and what the gateway may ask of it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import type { Branding } from '../core/branding.ts'
import type { PartStatus } from '../core/route.ts'
import type { AuthorizationServerSettings } from '../core/settings-as.ts'
import type { SharedAllowances } from '../core/shared-state.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { OnEvent, OnFault } from './events.ts'
import type { Engine, People, ServerDescription } from './people.ts'
import type { RefusedCall, RefusedScopes } from './refused-scopes.ts'
import type { DataLocks } from './store/data-locks.ts'
import type { OpenStore, Store, StoreClock } from './store/store.ts'

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
  /** What people are told of it; absent: only its URL. */
  readonly describe?: () => Promise<ServerDescription>
}

/** Which resource a client means, and which scopes it may ask for there. */
export interface Resources {
  /** The one route when there is only one: what an absent `resource` means. */
  readonly only: ProtectedRoute | undefined
  /** AS-05: equal up to host case, default port and one trailing slash; an origin alone means the only route. */
  find(indicator: string): ProtectedRoute | undefined
  /** AS-08: unknown ones are dropped; none left means the baseline. Without a route every route's are known. */
  scopesFor(route: ProtectedRoute | undefined, scope: string | undefined): readonly string[]
  /**
   * The routes of an authorization that names no resource: those that know all the scopes, otherwise those that know
   * one of them, otherwise all.
   */
  meantBy(scope: string | undefined): readonly ProtectedRoute[]
  /** Every scope of every route. */
  readonly scopes: readonly string[]
}

export interface AuthorizationServerDeps {
  /** The origin of `public_url`, without a slash. */
  readonly issuer: string
  readonly branding: Branding
  readonly routes: readonly ProtectedRoute[]
  /** What clients may ask for; those of `routes`, where nothing is said. */
  readonly resources?: Resources
  /** Whether a route of this origin asks for nonces in DPoP proofs: clients then bring them here too. */
  readonly proofNonces?: boolean
  /** What calls were refused for: outlives a reload. */
  readonly refusedScopes: RefusedScopes
  readonly clock: StoreClock
  /** Absent: each process counts for itself. */
  readonly shared?: SharedAllowances
  /** Whether this process removes what is over; where nothing is said it does. */
  readonly housekeeping?: boolean
  readonly onEvent: OnEvent
  readonly onFault: OnFault
  /** That no other gateway serves from the same file; absent: nobody looks. */
  readonly dataLocks?: DataLocks
  /** How the data is opened; as its name says, where nothing is given. */
  readonly openStore?: OpenStore
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
  /** The status of each outside provider. */
  status(): readonly PartStatus[]
  /** Public keys, newest first. */
  keys(): readonly JWK[]
  /**
   * Whether a token with these claims, whose signature held, counts no more: it was revoked, or its person may not have
   * its scopes any more; undefined while that cannot be told. Costs microseconds; a promise only where the store has to
   * be waited for.
   */
  isRevoked(claims: Readonly<Record<string, unknown>>): MaybeAsync<boolean | undefined>
  /** Learns what other processes did up to now; false when it cannot. */
  catchUp(): MaybeAsync<boolean>
  /** A call with a token of this server was refused for want of scopes. */
  noteRefused(call: RefusedCall): void
  /** Its metadata document (RFC 8414) as JSON text. */
  metadataText(): string
  close(): Promise<void>
}
