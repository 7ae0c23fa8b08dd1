// Grants: what a person gave a client, once per authorization, so that one installation can be cut off without the
// others (A33). Ending one takes its codes and refresh tokens along and revokes its access tokens, in one step.

export interface GrantSummary {
  readonly id: string
  readonly subject: string
  readonly clientId: string
  /** Resource → scopes, space separated. */
  readonly resources: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When the client last got a token by it; epoch milliseconds. */
  readonly usedAt: number
}

/** Empty: every grant. */
export interface GrantFilter {
  readonly id?: string
  readonly subject?: string
  readonly clientId?: string
}

export interface Grants {
  /** Newest first; no more than MAX_LISTED at a time. */
  list(filter?: GrantFilter): Promise<readonly GrantSummary[]>
  /** Newest first; of one person. */
  of(subject: string): Promise<readonly GrantSummary[]>
  /** False when there is no such grant; what is left of it is ended all the same. */
  revoke(id: string): Promise<boolean>
  /** However many there are. Those that were there. */
  revokeAll(filter: GrantFilter): Promise<readonly GrantSummary[]>
}
