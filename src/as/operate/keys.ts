// Signing keys for operators: which are published, and a new one. Private halves never leave the store.

import type { SigningKeys } from '../store/keys.ts'
import { REVOCATION_LIFE_MS } from '../store/revocations.ts'
import type { Store } from '../store/store.ts'
import type { Tell } from './operator.ts'

export interface KeySummary {
  readonly kid: string
  readonly signs: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When it stops being published; undefined for the one that signs. Epoch milliseconds. */
  readonly publishedUntil: number | undefined
}

export interface KeyOperations {
  /** The one that signs first. */
  list(): readonly KeySummary[]
  /** The kid of the new key. The others are published until their last token has expired (A49). */
  rotate(): Promise<string>
}

export interface KeyParts {
  readonly store: Store
  readonly signing: SigningKeys
  readonly tell: Tell
}

export function createKeyOperations({ store, signing, tell }: KeyParts): KeyOperations {
  const { database, clock } = store
  const select = database.prepare(
    `SELECT kid, created_at, gone_at FROM signing_keys WHERE gone_at IS NULL OR gone_at > ?
     ORDER BY retired_at IS NOT NULL, created_at DESC, kid`,
  )
  return {
    list: () =>
      select.all(clock.now()).map((row, index) => ({
        kid: String(row['kid']),
        signs: index === 0,
        createdAt: Number(row['created_at']),
        publishedUntil: row['gone_at'] === null ? undefined : Number(row['gone_at']),
      })),
    async rotate() {
      const { kid } = await signing.rotate(REVOCATION_LIFE_MS)
      tell({ event: 'key_rotated', detail: kid })
      return kid
    },
  }
}
