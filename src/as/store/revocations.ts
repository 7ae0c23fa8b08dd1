// What was revoked while its access tokens may still be alive. Kept in memory, so that every request can ask, and in
// the database, so that a restart forgets nothing and what a command revokes acts at once.

export type RevocationKind = 'grant' | 'token' | 'client'

export interface Revocations {
  /** From then on `LiveState.revokedAt` tells it. */
  add(kind: RevocationKind, id: string): Promise<void>
}

/** No access token lives longer (see the limit of `access_token_ttl`), and clocks may differ a little. */
export const REVOCATION_LIFE_MS = 24 * 3_600_000 + 300_000
