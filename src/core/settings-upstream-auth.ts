// How calls show themselves to the server behind a route, as the file says it: each entry is a header that the gateway writes.
import type { Secret } from './secret.ts'

export type UpstreamCredential =
  | { readonly mode: 'static'; readonly header: string; readonly value: Secret }
  | { readonly mode: 'forward_token' }
  | AssertionSettings

/** A signed token of the gateway's own that says who calls, and what. */
export interface AssertionSettings {
  readonly mode: 'assertion'
  /** In lower case. */
  readonly header: string
  /** Its `aud`: what the server calls itself. */
  readonly audience: string
  readonly ttlSeconds: number
  /** Names of claims of the caller's token that it carries. */
  readonly claims: readonly string[]
  /** Whether it has the digest of the body. */
  readonly body: boolean
  /** Whether one assertion may stand in several calls of one caller. */
  readonly reuse: boolean
}

export interface AssertionKeySettings {
  /** Path of the private keys; made there on first use. */
  readonly file: string
  readonly algorithm: AssertionAlgorithm
  /** How long a key signs. */
  readonly rotateMs: number
}

export type AssertionAlgorithm = 'ES256' | 'EdDSA'

/** RFC 8725 §3.11: no other kind of token has this `typ`, and no verifier of the gateway takes a token that has it. */
export const ASSERTION_TYPE = 'mcp-assertion+jwt'

/** The header that it stands in, in lower case. */
export function ownHeaderOf(credential: UpstreamCredential): string {
  return credential.mode === 'forward_token' ? 'authorization' : credential.header
}

/** The fixed headers among them, for requests of the gateway that no caller makes. */
export function staticHeadersOf(
  credentials: readonly UpstreamCredential[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    credentials.flatMap((one) => (one.mode === 'static' ? [[one.header, one.value.reveal()]] : [])),
  )
}
