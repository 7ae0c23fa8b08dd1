// Whom a rule is about, as the file says it. Values only; policy/who.ts compares.

/** Keys that are present are all needed; of the values of one key any is enough. Exact text, no patterns. */
export interface WhoSettings {
  readonly subjects: readonly string[] | undefined
  readonly clients: readonly string[] | undefined
  readonly roles: readonly string[] | undefined
  /** Names from `issuers`. */
  readonly issuers: readonly string[] | undefined
  /** `claim` is a path into the claims: a name, or names with dots between them. */
  readonly groups: { readonly claim: string; readonly any: readonly string[] } | undefined
}
