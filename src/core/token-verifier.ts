// What a program that embeds the gateway may implement to prove tokens itself. Values and an interface only.

/** Proves the tokens of one issuer, for `verifier: custom`. */
export interface TokenVerifier {
  /**
   * Returns whose the token is; undefined when it is not valid, which the client is told with a 401. A verifier that
   * throws, or does not answer in `timeout`, says nothing about the token: the client gets a 503 and tries again.
   */
  verifyAccessToken(token: string, request: VerifiedRequest): Promise<VerifiedToken | undefined>
}

/** The request that shows the token. */
export interface VerifiedRequest {
  readonly method: string
  /** The public URL, without its query. */
  readonly url: string
  /** The address of the client, behind trusted proxies. */
  readonly clientAddress: string | undefined
  /** Aborted when the answer would come too late. */
  readonly signal: AbortSignal
}

/** What is known of a valid token. Any other member, or one of another type, makes the answer unusable. */
export interface VerifiedToken {
  readonly subject: string
  /** Whom the token is for; one of them must be an audience of the route. */
  readonly audience: string | readonly string[]
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly scopes?: readonly string[] | undefined
  readonly clientId?: string | undefined
  /** If it is there, it must be the issuer of the configuration. */
  readonly issuer?: string | undefined
  readonly roles?: readonly string[] | undefined
  /** JSON values, for `who` and `when` of rules. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}
