// What oidc-provider keeps: codes, refresh tokens, grants, sessions, interactions. Ids that are credentials stand
// here as SHA-256 digests only (A51); payloads are sealed. Consuming is one compare-and-set.
import { hash } from 'node:crypto'
import type { Seal } from '../../lib/seal.ts'

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
  /** Saves like `save`, but returns false when it is there already. */
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
  /** Destroys everything of one model that came from a grant. */
  destroyOfGrant(model: string, grantId: string): Promise<void>
}

/** Ids that are names, not credentials: they stand in tokens and in what commands print. */
const NAMED: ReadonlySet<string> = new Set(['Grant'])

export function artifactKey(model: string, id: string): string {
  return NAMED.has(model) ? id : hash('sha256', id, 'base64url')
}

/** What is kept of one. */
export type NewArtifact = readonly [
  model: string,
  id: string,
  payload: Payload,
  ttlSeconds: number | undefined,
]

export const RECORD_COLUMNS = [
  ...(['model', 'id', 'payload', 'grant_id', 'account_id', 'client_id'] as const),
  ...(['user_code', 'uid', 'created_at', 'expires_at'] as const),
] as const

export type ArtifactRecord = Readonly<
  Record<(typeof RECORD_COLUMNS)[number], string | number | Buffer | null>
>

/** Found by something else than their id, so the id has to be known again; it stands in the sealed payload. */
const RECOVERED: ReadonlySet<string> = new Set(['DeviceCode', 'Session', 'Interaction', 'Grant'])

/** As it stands in a table. @param now epoch milliseconds */
export function toRecord(
  [model, id, payload, ttlSeconds]: NewArtifact,
  now: number,
  seal: Seal,
): ArtifactRecord {
  const key = artifactKey(model, id)
  const kept = RECOVERED.has(model) ? payload : { ...payload, jti: undefined }
  return {
    model,
    id: key,
    payload: seal.seal(JSON.stringify(kept), artifactPlace(model, key)),
    grant_id: text(payload['grantId']),
    account_id: text(payload['accountId']),
    client_id: text(payload['clientId']),
    user_code: model === 'DeviceCode' ? handleDigest(payload['userCode']) : null,
    uid: model === 'Session' ? handleDigest(payload['uid']) : null,
    created_at: now,
    expires_at: ttlSeconds === undefined ? null : now + ttlSeconds * 1_000,
  }
}

/** Undefined when it was sealed with another secret, so that it cannot be read. */
export function toArtifact(
  model: string,
  row: Readonly<Record<string, unknown>>,
  seal: Seal,
): Artifact | undefined {
  const opened = seal.open(row['payload'] as Uint8Array, artifactPlace(model, String(row['id'])))
  if (opened === undefined) return undefined
  const consumedAt = row['consumed_at'] as number | null
  return { payload: JSON.parse(opened) as Payload, consumedAt: consumedAt ?? undefined }
}

/** Where its payload is sealed for. @param key id as it is kept */
export function artifactPlace(model: string, key: string): string {
  return `${model} ${key}`
}

/** Null for what is no text. */
export function handleDigest(value: unknown): string | null {
  return typeof value === 'string' ? hash('sha256', value, 'base64url') : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
