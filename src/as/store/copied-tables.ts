// What an installation consists of, table by table, when it moves to another engine. The columns have the same names and
// meanings in each; what a table can be made of again is not copied.
import { artifactPlace } from './artifacts.ts'
import { clientPlace } from './clients.ts'
import { keyPlace } from './keys.ts'
import { providerTokenPlace } from './provider-tokens.ts'

export type CopiedValue = string | number | Uint8Array | null
export type CopiedRow = Readonly<Record<string, CopiedValue>>

export interface CopiedTable {
  readonly name: string
  readonly columns: readonly string[]
  /** The column that is sealed, and for which place. */
  readonly sealed?: { readonly column: string; readonly place: (row: CopiedRow) => string }
  /** A column that means nothing under another secret. */
  readonly keyed?: { readonly column: string; readonly isWholeRow: boolean }
  /** Whether a restored copy keeps it (docs/decisions.md, 30). */
  readonly atRestore: 'ends' | 'stays'
}

export const COPIED_TABLES: readonly CopiedTable[] = [
  {
    name: 'artifacts',
    atRestore: 'ends',
    columns: [
      ...['model', 'id', 'payload', 'grant_id', 'account_id', 'client_id', 'user_code', 'uid', 'consumed_at'],
      ...['answer', 'answer_until', 'successor', 'created_at', 'expires_at', 'held_by'],
    ],
    sealed: { column: 'payload', place: (row) => artifactPlace(String(row['model']), String(row['id'])) },
    keyed: { column: 'held_by', isWholeRow: false },
  },
  {
    name: 'clients',
    atRestore: 'stays',
    columns: ['id', 'origin', 'name', 'payload', 'created_at', 'used_at', 'held_by'],
    sealed: { column: 'payload', place: (row) => clientPlace(String(row['id'])) },
    keyed: { column: 'held_by', isWholeRow: false },
  },
  {
    name: 'signing_keys',
    atRestore: 'ends',
    columns: ['kid', 'private_jwk', 'created_at', 'retired_at', 'gone_at'],
    sealed: { column: 'private_jwk', place: (row) => keyPlace(String(row['kid'])) },
  },
  { name: 'revocations', atRestore: 'stays', columns: ['kind', 'id', 'revoked_at', 'gone_at'] },
  {
    name: 'consents',
    atRestore: 'ends',
    columns: [
      ...['account_id', 'client_id', 'redirect_uri', 'resource', 'scopes', 'given_at', 'client_name'],
    ],
  },
  {
    name: 'users',
    atRestore: 'stays',
    columns: [
      ...['subject', 'provider', 'vouched_by', 'name', 'email', 'email_verified', 'groups', 'password'],
      ...['disabled_at', 'created_at', 'signed_in_at', 'sessions_ended_at'],
    ],
  },
  {
    name: 'provider_tokens',
    atRestore: 'ends',
    columns: ['subject', 'token', 'asked_at'],
    sealed: { column: 'token', place: (row) => providerTokenPlace(String(row['subject'])) },
  },
  {
    name: 'passkeys',
    atRestore: 'stays',
    columns: [
      ...['id', 'subject', 'rp_id', 'user_handle', 'public_key', 'counter', 'transports', 'name', 'synced'],
      ...['created_at', 'used_at'],
    ],
  },
  {
    name: 'login_sessions',
    atRestore: 'ends',
    columns: ['id', 'subject', 'key', 'payload', 'began_at', 'proved_at', 'used_at', 'life', 'gone_at'],
    // The cookies that hold the keys are sealed with the secret.
    keyed: { column: 'key', isWholeRow: true },
  },
  { name: 'resets', atRestore: 'ends', columns: ['subject', 'digest', 'gone_at'] },
  { name: 'single_use', atRestore: 'stays', columns: ['kind', 'digest', 'gone_at'] },
  { name: 'told_later', atRestore: 'stays', columns: ['at', 'event'] },
  {
    name: 'tallies',
    atRestore: 'stays',
    columns: ['kind', 'key', 'count', 'at', 'gone_at'],
    keyed: { column: 'key', isWholeRow: true },
  },
]

/** Rows that are read and written at a time. */
export const COPIED_AT_ONCE = 200

/** The tables of one installation, which nobody else works on meanwhile. */
export interface TableAccess {
  /** As they stood at one moment. */
  read(table: CopiedTable): AsyncIterable<readonly CopiedRow[]>
  isEmpty(): Promise<boolean>
  /** In one transaction until `commit`; without it nothing was written. */
  write(table: CopiedTable, rows: readonly CopiedRow[]): Promise<void>
  /** Removes every row; how many there were. A part of the same transaction. */
  clear(table: CopiedTable): Promise<number>
  commit(): Promise<void>
  close(): Promise<void>
}
