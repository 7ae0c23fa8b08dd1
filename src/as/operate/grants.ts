// Grants for operators: who gave what to which client, and an end to it.
import type { GrantFilter, GrantSummary } from '../store/grants.ts'
import type { Store } from '../store/store.ts'
import type { ReportEvent } from './operator.ts'

export interface GrantOperations {
  /** Newest first; no more than ten thousand. */
  list(filter: GrantFilter): readonly GrantSummary[]
  /** Ends them with every token of theirs, and their people are asked again; the ids of those that were there. */
  revoke(filter: GrantFilter): readonly string[]
}

export interface GrantParts {
  readonly store: Store
  readonly tell: ReportEvent
}

export function createGrantOperations({ store, tell }: GrantParts): GrantOperations {
  const { consents, grants } = store
  const end = ({ id, subject, clientId }: GrantSummary) => {
    grants.revoke(id)
    consents.withdraw(subject, clientId) // else a browser that is signed in would give the next one without a word
    tell({ event: 'revoked', grant: id, subject, client: clientId })
    return id
  }
  return {
    list: (filter) => grants.list(filter),
    revoke: (filter) =>
      store.transaction(() => {
        const ended: string[] = []
        for (let left = grants.list(filter); left.length > 0; left = grants.list(filter))
          ended.push(...left.map(end)) // a list is not longer than it may be
        return ended
      }),
  }
}
