// `tests` of a route after the configuration was parsed: what its policy is expected to decide.

/** One expectation of a policy: who, which call, what comes of it. */
export interface PolicyTest {
  /** As written, or `tests[3]`. */
  readonly name: string
  /** Undefined: a caller without a token. */
  readonly who: TestCaller | undefined
  readonly call: TestCall
  /** `{ scope }`: a challenge for exactly these scopes, sorted. */
  readonly expect: 'allowed' | 'refused' | 'approval' | { readonly scope: readonly string[] }
}

export interface TestCall {
  readonly method: string
  readonly target: string | undefined
  readonly args: Readonly<Record<string, unknown>> | undefined
  /** What `now` is, in epoch milliseconds; undefined: the time of the run. */
  readonly at: number | undefined
}

export interface TestCaller {
  readonly subject: string
  readonly client: string | undefined
  /** A name from `issuers`; undefined: the first of the route. */
  readonly issuer: string | undefined
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
}
