// Grants for operators: who gave what to which client, and an end to it.
import type { GrantSummary, Grants } from '../store/grants.ts'
import type { Store } from '../store/store.ts'
import type { Tell } from './operator.ts'

/** Empty: every grant. */
export interface GrantFilter {
  readonly id?: string
  readonly subject?: string
  readonly clientId?: string
}

export interface GrantOperations {
  /** Newest first. */
  list(filter: GrantFilter): readonly GrantSummary[]
  /** Ends them with every token of theirs; the ids of those that were there. */
  revoke(filter: GrantFilter): readonly string[]
}

export interface GrantParts {
  readonly store: Store
  readonly grants: Grants
  readonly tell: Tell
}

export function createGrantOperations({ store, grants, tell }: GrantParts): GrantOperations {
  const list: GrantOperations['list'] = ({ id, subject, clientId }) => {
    const filter = {
      ...(subject === undefined ? {} : { subject }),
      ...(clientId === undefined ? {} : { clientId }),
    }
    return grants.list(filter).filter((grant) => id === undefined || grant.id === id)
  }
  return {
    list,
    revoke: (filter) =>
      store.transaction(() =>
        list(filter).map(({ id, subject, clientId }) => {
          grants.revoke(id)
          tell({ event: 'revoked', grant: id, subject, client: clientId })
          return id
        }),
      ),
  }
}
