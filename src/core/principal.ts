// Who is calling, and what was presented to prove it. After a verifier there is a Principal, and nobody looks
// at the token again.

/** What the client presented. Built by token/credential.ts; the only type that holds a raw token. */
export interface Credential {
  readonly scheme: 'bearer' | 'dpop'
  readonly token: string
  /** The DPoP header field, when exactly one was sent. */
  readonly proof: string | undefined
  readonly method: string
  /** The public URL of the request without query and fragment: what `htu` must name (RFC 9449 §4.3). */
  readonly url: string
  /** The address of the client, behind trusted proxies. */
  readonly address: string | undefined
  /** The client's User-Agent, read only when a verifier asks for it. */
  readonly userAgent?: () => string | undefined
}

/** Who is calling, as proved by one verifier. Identity is issuer + subject, never a token string. */
export interface Principal {
  readonly issuer: string
  readonly subject: string
  /** Issuer and subject in one text, made once for each verdict; limits and shares count by it (core/caller.ts). */
  readonly key: string
  readonly clientId: string | undefined
  readonly scopes: ReadonlySet<string>
  /** Undefined where the token has no claim for them. */
  readonly roles: readonly string[] | undefined
  /** Epoch seconds. */
  readonly expiresAt: number
  /** `cnf.jkt`: the thumbprint of the key that a DPoP-bound token needs a proof of (RFC 9449 §6). */
  readonly boundKey: string | undefined
  /** Own-property claims with a null prototype; for policy only, never logged. */
  readonly claims: Readonly<Record<string, unknown>>
}
