// Who may use the administration port: one token for machines, and named tokens. Values only.
import type { OperatorRight } from './operator.ts'
import type { Secret } from './secret.ts'

export interface OperatorSettings {
  /** Where browsers find the port, an origin; absent: where it listens. */
  readonly publicUrl?: string | undefined
  /** May view and operate, and may not approve. */
  readonly token: Secret | undefined
  readonly tokens: readonly OperatorToken[]
}

/** A token for a machine, of which only the hash is known. */
export interface OperatorToken {
  readonly name: string
  /** SHA-256 of the token, in lower case hex. */
  readonly sha256: string
  readonly may: readonly OperatorRight[]
}
