// Signing keys for operators: which are published, and a new one. Private halves never leave the store.

import { makeSigningKey, type SigningKeyRecord } from '../store/keys.ts'
import { REVOCATION_LIFE_MS } from '../store/revocations.ts'
import type { Store } from '../store/store.ts'
import type { ReportEvent } from './report-event.ts'

export interface KeySummary extends SigningKeyRecord {
  readonly signs: boolean
}

export interface KeyOperations {
  /** The one that signs first. */
  list(): Promise<readonly KeySummary[]>
  /** The kid of the new key. The others are published until their last token has expired (A49). */
  rotate(): Promise<string>
}

export interface KeyParts {
  readonly store: Store
  readonly tell: ReportEvent
}

export function createKeyOperations({ store, tell }: KeyParts): KeyOperations {
  return {
    list: async () => (await store.signingKeys.list()).map((key, index) => ({ ...key, signs: index === 0 })),
    async rotate() {
      const fresh = await makeSigningKey()
      await store.transaction(async (within) => {
        await within.signingKeys.rotate(fresh, REVOCATION_LIFE_MS)
        await tell(within, { event: 'key_rotated', detail: fresh.kid })
      })
      return fresh.kid
    },
  }
}
