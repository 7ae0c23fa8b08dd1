// How an operation puts on record what it did.
import type { AuthorizationEvent } from '../events.ts'
import type { Repositories } from '../store/store.ts'

/** Puts what an operation did beside it, in the same transaction; who did it is known. */
export type ReportEvent = (
  within: Repositories,
  event: Omit<AuthorizationEvent, 'actor' | 'address'>,
) => Promise<void>
