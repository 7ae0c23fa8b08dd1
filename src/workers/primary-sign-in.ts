// Operators who sign in at the embedded authorization server, where several workers serve it: the administration port is in
// their primary, which then opens the same data, to redeem codes and to see who was shut out. Nothing of it is listened on.
import type { AuditEvent } from '../core/audit-event.ts'
import type { Settings } from '../core/settings.ts'
import type { SharedState } from '../core/shared-state.ts'
import type { AdminSource } from '../gateway/admin-listener.ts'
import { createEmbedding } from '../gateway/embedded.ts'
import type { Logger } from '../observe/log.ts'

export interface PrimarySignIn extends Required<Pick<AdminSource, 'ownServer'>> {
  close(): Promise<void>
}

export interface PrimarySignInOptions {
  readonly tables: SharedState
  readonly settings: () => Settings
  readonly record: (event: AuditEvent) => void
  readonly log: Logger
}

/** Opens nothing before somebody signs in so. */
export function createPrimarySignIn({ tables, settings, record, log }: PrimarySignInOptions): PrimarySignIn {
  const failed = (error: unknown) =>
    void log.error({ event: 'console_sign_in', error }, 'the data of the authorization server cannot be used')
  const embed = createEmbedding({
    ...{ shared: tables, housekeeping: false, onEvent: record, onFault: failed },
    prove: async () => ({ ok: false, why: 'unreachable', detail: 'no route is served here' }),
  })
  let [read, opened]: [Settings | undefined, ReturnType<typeof embed>] = [
    undefined,
    Promise.resolve(undefined),
  ]
  const forget = () => {
    const before = opened
    ;[read, opened] = [undefined, Promise.resolve(undefined)]
    return before.then((pages) => pages?.close())
  }
  return {
    async ownServer() {
      const now = settings()
      if (now !== read) {
        void forget()
        const routes = now.routes.map(({ browser: _, ...route }) => route)
        ;[read, opened] = [now, embed({ ...now, routes }).catch(failed)]
      }
      const pages = await opened
      if (pages === undefined && read === now) read = undefined // tried again at the next sign-in
      return pages?.server
    },
    close: forget,
  }
}
