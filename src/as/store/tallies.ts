// Counts of what may not be done too often, where a restart must not forget them: tries at a name, registrations from
// an address. Bounded; keys are kept as keyed digests, since people type passwords where a name belongs.

export interface Tally {
  readonly count: number
  /** Epoch milliseconds; the caller decides of which event. */
  readonly at: number
}

/** What is counted, and how many keys of it are kept: what was counted least goes first, so that no flood hides a high count. */
export interface TallyKind {
  readonly name: 'registration' | 'sign-in' | 'known at'
  readonly most: number
}

export interface Tallies {
  get(kind: TallyKind, key: string): Promise<Tally | undefined>
  /** @param goneAt epoch milliseconds */
  set(kind: TallyKind, key: string, tally: Tally, goneAt: number): Promise<void>
  delete(kind: TallyKind, key: string): Promise<void>
}

/** When the table is full this share of it is removed at once, so that a flood does not cause a search at each step. */
export const EVICTION_SHARE = 0.1
