// What the protocol engine is made of: built once in engine.ts, read by the files of this folder.
import type { IncomingMessage } from 'node:http'
import type { Configuration } from 'oidc-provider'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { OnEvent } from '../events.ts'
import type { People } from '../people.ts'
import type { RefusedScopes } from '../refused-scopes.ts'
import type { Artifacts } from '../store/artifacts.ts'
import type { Clients } from '../store/clients.ts'
import type { Grants } from '../store/grants.ts'
import type { Store } from '../store/store.ts'
import type { AddressLimits } from './address-limits.ts'
import type { GuardedFetch } from './guarded-fetch.ts'
import type { JwtHandles } from './jwt-handles.ts'
import type { CurrentRequest, ReportRefusal } from './request-context.ts'
import type { Resources } from './resources.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export interface EngineParts {
  readonly issuer: string
  /** False on plain http of this machine only. */
  readonly secure: boolean
  readonly settings: AuthorizationServerSettings
  readonly store: Store
  readonly artifacts: Artifacts
  readonly clients: Clients
  readonly grants: Grants
  readonly resources: Resources
  readonly jwtHandles: JwtHandles
  readonly unitOfWork: UnitOfWork
  readonly network: GuardedFetch
  readonly addressLimits: AddressLimits
  readonly refusedScopes: RefusedScopes
  readonly adapter: NonNullable<Configuration['adapter']>
  /** What nonces for DPoP proofs are made with; undefined where no client has one. */
  readonly nonceSecret: Buffer | undefined
  /** The request that is answered now. */
  readonly currentRequest: CurrentRequest
  readonly reportRefusal: ReportRefusal
  /** Requests that showed a user code nobody has. */
  readonly wrongUserCodes: WeakSet<IncomingMessage>
  /** What oidc-provider has answered with `server_error`, by request: thrown once it has answered. */
  readonly faults: WeakMap<IncomingMessage, unknown>
  readonly onEvent: OnEvent
  /** Made after the engine, which it needs; there before the first request. */
  readonly people: () => People
}
