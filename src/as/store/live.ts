// What each request with a token asks. Answered from memory where that is possible, since it may cost microseconds only.
// Where it is not known any more what others did, asking throws a fault of the store.
import type { MaybeAsync } from '../../core/turn.ts'
import type { SigningKey } from './keys.ts'
import type { RevocationKind } from './revocations.ts'
import type { Person } from './users.ts'

export interface LiveState {
  /** Epoch milliseconds of the revocation; undefined when there is none. */
  revokedAt(kind: RevocationKind, id: string): number | undefined
  /**
   * Returns the same list as long as nothing changed, newest first: the first key signs, all are published. Never
   * empty.
   */
  signingKeys(): readonly SigningKey[]
  /**
   * Resolved when everything that was committed before now is known here; rejects when that cannot be. Undefined where it
   * always is.
   */
  readonly catchUp?: () => Promise<void>
  /** A promise only where the answer has to be waited for. */
  person(subject: string): MaybeAsync<Person | undefined>
}
