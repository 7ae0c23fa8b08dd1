// Grants for operators: who gave what to which client, and an end to it.
import type { GrantFilter, GrantSummary } from '../store/grants.ts'
import type { Repositories, Store } from '../store/store.ts'
import type { ReportEvent } from './report-event.ts'

export interface GrantOperations {
  /** Newest first; no more than ten thousand. */
  list(filter: GrantFilter): Promise<readonly GrantSummary[]>
  /** Ends them with every token of theirs, and their people are asked again; the ids of those that were there. */
  revoke(filter: GrantFilter): Promise<readonly string[]>
  /** Revokes within the caller's own transaction. */
  revokeWithin(within: Repositories, filter: GrantFilter): Promise<readonly string[]>
}

export interface GrantParts {
  readonly store: Store
  readonly tell: ReportEvent
}

export function createGrantOperations({ store, tell }: GrantParts): GrantOperations {
  const revokeWithin: GrantOperations['revokeWithin'] = async (within, filter) => {
    const ended = await within.grants.revokeAll(filter)
    for (const { id, subject, clientId } of ended) {
      await within.consents.withdraw(subject, clientId) // else a browser that is signed in would give the next one without a word
      await tell(within, { event: 'revoked', grant: id, subject, client: clientId })
    }
    return ended.map(({ id }) => id)
  }
  return {
    list: (filter) => store.grants.list(filter),
    revoke: (filter) => store.transaction((within) => revokeWithin(within, filter)),
    revokeWithin,
  }
}
