// An issuer with its live parts, as verifiers and findings use it. It may be asked over the network, stand in this process,
// or stand in the file.

import type { PartStatus } from '../core/route.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { Introspection } from './guarded-introspection.ts'
import type { KeySet } from './jwks.ts'

export interface Issuer {
  readonly settings: IssuerSettings
  readonly keys: KeySet
  /** Undefined when the file has no `introspection:` for it. */
  readonly introspection: Introspection | undefined
  /** Of an embedded issuer: whether a token with these claims was revoked; asked on every use. Undefined: nobody can tell. */
  readonly isRevoked?: (claims: JsonObject) => MaybeAsync<boolean | undefined>
  /** Scopes that its metadata lists; undefined when it lists none, cannot be asked, or has no metadata. */
  scopesSupported?(): Promise<readonly string[] | undefined>
  /** What an operator should know at start, in plain sentences; empty when all is well. */
  probe(): Promise<readonly string[]>
  status(): PartStatus
  /** Its metadata document as JSON text; undefined while there is none. */
  metadataText(): Promise<string | undefined>
  /** Ends its connections; what is under way fails. */
  close(): Promise<void>
}
