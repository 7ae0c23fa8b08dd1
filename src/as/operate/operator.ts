// The data of an authorization server as an operator's commands work on it, while gateways serve from the same
// data or while none does. Each change stands there together with its record, and a running gateway sees it at its next
// look, which is before every answer. Speaks no HTTP and decides nothing about tokens.
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { dataSecret } from '../store/data-secret.ts'
import { openData } from '../store/open-data.ts'
import type { StoreClock } from '../store/store.ts'
import { type ClientOperations, createClientOperations } from './clients.ts'
import { createGrantOperations, type GrantOperations } from './grants.ts'
import { createKeyOperations, type KeyOperations } from './keys.ts'
import type { ReportEvent } from './report-event.ts'
import { createSessionOperations, type SessionOperations } from './sessions.ts'
import { createUserOperations, type UserOperations } from './users.ts'

export interface Operations {
  readonly users: UserOperations
  readonly clients: ClientOperations
  readonly grants: GrantOperations
  readonly keys: KeyOperations
  readonly sessions: SessionOperations
  close(): Promise<void>
}

export interface OperatorOptions {
  readonly settings: Pick<AuthorizationServerSettings, 'data' | 'cookieSecret'>
  readonly clock: StoreClock
  /** Who is at the terminal, as the audit shall name them. */
  readonly actor: string
}

/** Throws when the data cannot be used: another secret, a newer version, not writable. */
export async function openOperator({ settings, clock, actor }: OperatorOptions): Promise<Operations> {
  const store = await openData(settings.data, { secret: dataSecret(settings), clock, connections: 1 })
  const tell: ReportEvent = ({ outbox }, event) => outbox.put({ ...event, actor })
  const grants = createGrantOperations({ store, tell })
  return {
    users: createUserOperations({ store, grants, tell }),
    clients: createClientOperations({ store, grants, tell }),
    grants,
    keys: createKeyOperations({ store, tell }),
    sessions: createSessionOperations({ store, tell }),
    close: () => store.close(),
  }
}
