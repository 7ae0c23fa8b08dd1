// Browsers in which people are signed in, for operators: which they are, and an end to one.
import type { LoginSession } from '../store/login-sessions.ts'
import type { Store } from '../store/store.ts'
import type { ReportEvent } from './report-event.ts'

export interface SessionOperations {
  /** Used last, first. */
  list(subject: string): Promise<readonly LoginSession[]>
  /** False when the person has none of this id. */
  end(subject: string, id: string): Promise<boolean>
}

export interface SessionParts {
  readonly store: Store
  readonly tell: ReportEvent
}

export function createSessionOperations({ store, tell }: SessionParts): SessionOperations {
  return {
    list: (subject) => store.loginSessions.list(subject),
    end: (subject, id) =>
      store.transaction(async (within) => {
        const wasThere = await within.loginSessions.end(subject, id)
        if (wasThere) await tell(within, { event: 'signed_out', subject, detail: 'one browser' })
        return wasThere
      }),
  }
}
