// What each request with a token asks. Answered from memory where that is possible, since it may cost microseconds only.
import type { MaybeAsync } from '../../core/turn.ts'
import type { SigningKey } from './keys.ts'
import type { RevocationKind } from './revocations.ts'
import type { Person } from './users.ts'

export interface LiveState {
  /** Epoch milliseconds of the revocation; undefined when there is none. */
  revokedAt(kind: RevocationKind, id: string): number | undefined
  /** The same list while nothing changed. Newest first: the first one signs, all are published. Never empty. */
  signingKeys(): readonly SigningKey[]
  /** A promise only where the answer has to be waited for. */
  person(subject: string): MaybeAsync<Person | undefined>
}
