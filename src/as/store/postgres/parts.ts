// What the repositories share beside a session: made once when the store is opened.

import type { KeyedDigest } from '../../../lib/keyed-digest.ts'
import type { Seal } from '../../../lib/seal.ts'
import type { StoreClock } from '../store.ts'
import type { KnownState } from './known-state.ts'

export interface StoreParts {
  readonly clock: StoreClock
  readonly seal: Seal
  readonly networkDigest: KeyedDigest
  readonly tallyDigest: KeyedDigest
  readonly state: KnownState
  /** The last grant that a sweep looked at. */
  readonly reached: { at: number; id: string }
  /** Keys that were added to the tallies of a kind since its room was looked at. */
  readonly addedTallies: Map<string, number>
}
