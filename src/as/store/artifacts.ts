// What oidc-provider keeps: codes, refresh tokens, grants, sessions, interactions. Ids that are credentials stand
// here as SHA-256 digests only (A51); payloads are sealed. Consuming is one compare-and-set.
import { hash } from 'node:crypto'

export type Payload = Readonly<Record<string, unknown>>

/** A kept thing with what the columns know about it. */
export interface Artifact {
  readonly payload: Payload
  /** Epoch seconds. */
  readonly consumedAt: number | undefined
}

/** The answer that a consumed refresh token was exchanged for. */
export interface StoredAnswer {
  readonly sealed: Uint8Array
  /** Id, as kept, of the refresh token in it. */
  readonly successor: string
  /** Epoch milliseconds. */
  readonly until: number
}

export interface Artifacts {
  save(model: string, id: string, payload: Payload, ttlSeconds: number | undefined): Promise<void>
  /** Like `save`, but false when it is there already. */
  insert(model: string, id: string, payload: Payload, ttlSeconds: number): Promise<boolean>
  find(model: string, id: string): Promise<Artifact | undefined>
  findBy(column: 'uid' | 'user_code', model: string, value: string): Promise<Artifact | undefined>
  /** Whether it is kept, used or not. */
  has(model: string, id: string): Promise<boolean>
  /** RFC 6749 §4.1.2: false when somebody else was first. */
  consume(model: string, id: string): Promise<boolean>
  keepAnswer(model: string, id: string, answer: StoredAnswer): Promise<void>
  answerOf(model: string, id: string): Promise<StoredAnswer | undefined>
  /** Whether the kept id still stands for something that was not consumed. */
  isUnused(model: string, keptId: string): Promise<boolean>
  destroy(model: string, id: string): Promise<void>
  /** Of one model, everything that came from a grant. */
  destroyOfGrant(model: string, grantId: string): Promise<void>
}

/** Ids that are names, not credentials: they stand in tokens and in what commands print. */
const NAMED: ReadonlySet<string> = new Set(['Grant'])

export function artifactKey(model: string, id: string): string {
  return NAMED.has(model) ? id : hash('sha256', id, 'base64url')
}
