// Values that no longer count: the `state` of a sign-in that came back, the id of a session that was ended. Kept as
// digests, each until its time is over. What was only begun leaves nothing here, since anybody may begin.

/** `full`: there is no room to note it, so it may not count. */
export type UseResult = 'first' | 'again' | 'full'

/** What a value stands for; the same value of two kinds is two values. */
export type SingleUseKind =
  | 'used sign-in state'
  | 'used login state'
  | 'ended session'
  | 'used passkey challenge'

export interface SingleUses {
  /** `first` exactly once, until then. @param goneAt epoch milliseconds: when the value counts for nothing anyway */
  use(kind: SingleUseKind, value: string, goneAt: number): Promise<UseResult>
  /** Whether it was used. */
  has(kind: SingleUseKind, value: string): Promise<boolean>
}

/** Those of one kind. */
export interface SingleUse {
  use(value: string, goneAt: number): Promise<UseResult>
  has(value: string): Promise<boolean>
}

export function ofKind(uses: SingleUses, kind: SingleUseKind): SingleUse {
  return { use: (value, goneAt) => uses.use(kind, value, goneAt), has: (value) => uses.has(kind, value) }
}
