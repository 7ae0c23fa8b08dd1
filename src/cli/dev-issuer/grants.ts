// What the local development issuer remembers between its endpoints: authorization codes and refresh tokens.
// Bounded, in memory, each entry usable once; only digests are kept as keys (A51).
import { createHash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'

const MAX_GRANTS = 1000
const CODE_TTL_MS = 60_000
const REFRESH_TTL_MS = 24 * 60 * 60_000

export interface DevGrant {
  readonly clientId: string
  readonly subject: string
  readonly scopes: readonly string[]
  /** RFC 8707: the resource the grant is bound to; becomes `aud`. */
  readonly resource: string
}

export interface PendingCode extends DevGrant {
  readonly redirectUri: string
  /** RFC 7636 §4.3, always S256. */
  readonly codeChallenge: string
}

/** Values that are handed out as random strings and taken back at most once before they expire. */
export interface OneTimeStore<T> {
  put(value: T, now: number): string
  /** Looks without taking, so that a wrong client or verifier does not burn an honest grant (A11, A14). */
  peek(handle: string, now: number): T | undefined
  /** True for exactly one caller (A12). */
  take(handle: string): boolean
}

export interface DevGrants {
  readonly codes: OneTimeStore<PendingCode>
  readonly refreshTokens: OneTimeStore<DevGrant>
}

export function createDevGrants(): DevGrants {
  return { codes: createOneTimeStore(CODE_TTL_MS), refreshTokens: createOneTimeStore(REFRESH_TTL_MS) }
}

function createOneTimeStore<T>(ttlMs: number): OneTimeStore<T> {
  const entries = new LRUCache<string, { value: T; expiresAtMs: number }>({ max: MAX_GRANTS })
  return {
    put(value, now) {
      const handle = randomBytes(32).toString('base64url')
      entries.set(digest(handle), { value, expiresAtMs: now + ttlMs })
      return handle
    },
    peek(handle, now) {
      const entry = entries.get(digest(handle))
      return entry !== undefined && now < entry.expiresAtMs ? entry.value : undefined
    },
    take: (handle) => entries.delete(digest(handle)),
  }
}

function digest(handle: string): string {
  return createHash('sha256').update(handle).digest('base64url')
}
