// An issuer with its live parts, as verifiers and findings use it. It may be asked over the network, run in this
// process, or be written in the file.

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
  /**
   * Only an embedded issuer has it. It says whether a token with these claims was revoked, and is asked on every use;
   * undefined when nobody can tell.
   */
  readonly isRevoked?: (claims: JsonObject) => MaybeAsync<boolean | undefined>
  /** Scopes that its metadata lists; undefined when it lists none, cannot be asked, or has no metadata. */
  scopesSupported?(): Promise<readonly string[] | undefined>
  /** Returns what an operator should know at start, in plain sentences; empty when all is well. */
  probe(): Promise<readonly string[]>
  status(): PartStatus
  /** Returns its metadata document as JSON text; undefined while there is none. */
  metadataText(): Promise<string | undefined>
  /** Ends its connections; requests under way fail. */
  close(): Promise<void>
}
