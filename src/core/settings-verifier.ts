// Who judges the tokens of an issuer instead of its published keys and RFC 7662: a service that is asked, or a list of
// hashed keys in the file. Values only.
import type { Secret } from './secret.ts'

/** How long verdicts are kept. */
export interface VerdictCacheSettings {
  readonly ttlSeconds: number
  readonly negativeTtlSeconds: number
  readonly maxEntries: number
}

export type VerdictSource = WachtSettings | HttpVerdictSettings | StaticKeysSettings | CustomVerifierSettings

/** The check endpoint of a Wacht gateway. */
export interface WachtSettings extends VerdictCacheSettings {
  readonly kind: 'wacht'
  /** Absolute URL, to which `/v1/authz/check` is appended. */
  readonly gatewayUrl: string
  readonly principal: 'oauth_access_token' | 'api_key'
  /** The app that a token must belong to; undefined: any app of the issuer. */
  readonly app: string | undefined
  /** What Wacht itself must find a caller to hold; undefined: it is asked for nothing. */
  readonly requiredPermissions?: readonly string[] | undefined
  /** Accept tokens that belong to no person. */
  readonly machineTokens: boolean
  readonly timeoutMs: number
}

/** A service of the operator's own that says what a token is worth. */
export interface HttpVerdictSettings extends VerdictCacheSettings {
  readonly kind: 'http'
  readonly endpoint: string
  /** What the gateway shows there, as a bearer token. */
  readonly token: Secret | undefined
  readonly audience: 'required' | 'implied_by_endpoint'
  readonly timeoutMs: number
}

/** A function of the program that embeds the gateway. */
export interface CustomVerifierSettings extends VerdictCacheSettings {
  readonly kind: 'custom'
  readonly timeoutMs: number
}

export interface StaticKeysSettings extends VerdictCacheSettings {
  readonly kind: 'static_keys'
  readonly keys: readonly StaticKey[]
}

export interface StaticKey {
  readonly name: string
  /** SHA-256 of the key, in lower case hex. */
  readonly sha256: string
  readonly subject: string
  readonly client: string | undefined
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** Epoch seconds. */
  readonly expiresAt: number
}
