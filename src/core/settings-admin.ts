// Who may use the administration port: one token for machines, named tokens, and people who sign in; and the ports of
// other gateways, whose console is shown beside this one. Values only.
import type { OperatorRight } from './operator.ts'
import type { Secret } from './secret.ts'
import type { BrowserClientSettings } from './settings-browser.ts'
import type { WhoSettings } from './settings-who.ts'

export interface OperatorSettings {
  /** Where browsers find the port, an origin; absent: where it listens. */
  readonly publicUrl?: string | undefined
  /** May view and operate, and may not approve. */
  readonly token: Secret | undefined
  readonly tokens: readonly OperatorToken[]
  readonly people?: OperatorPeople
}

/** A token for a machine, of which only the hash is known. */
export interface OperatorToken {
  readonly name: string
  /** SHA-256 of the token, in lower case hex. */
  readonly sha256: string
  readonly may: readonly OperatorRight[]
}

/** The administration port of another gateway. */
export interface PeerSettings {
  /** What the console calls it. */
  readonly name: string
  /** Without a trailing slash. */
  readonly url: string
  /** One that may view there. */
  readonly token: Secret
  /** PEM text of the certificate authorities to trust there instead of the usual ones. */
  readonly ca: string | undefined
}

/** People who sign in at one issuer. */
export interface OperatorPeople {
  /** Name of an issuer in the file. */
  readonly issuer: string
  /** What the gateway is there. */
  readonly client: BrowserClientSettings | undefined
  /** A person has the rights of every rule that fits; without one they have no session. */
  readonly rules: readonly OperatorRule[]
}

export interface OperatorRule {
  readonly who: WhoSettings
  readonly may: readonly OperatorRight[]
}
