// Whether a person who signed in at the embedded authorization server may still have their session: not once they are shut
// out, or signed out everywhere, there. What happens to somebody at an issuer elsewhere is not known here.
import type { OwnServerNow } from '../as/browser/console-login.ts'
import type { Settings } from '../core/settings.ts'
import type { OperatorSession } from './sessions.ts'

/** A page that is live asks no more often. */
const ASK_MS = 1_000

/** False also while nobody can tell. */
export type IsStillIn = (session: OperatorSession) => Promise<boolean>

export function createIsStillIn(settings: () => Settings, ownServer: OwnServerNow): IsStillIn {
  return async ({ operator: { issuer, subject }, since }) => {
    if (subject === undefined || !isOwn(settings(), issuer)) return true
    const { isStillSignedIn } = await import('../as/browser/console-login.ts')
    return isStillSignedIn(ownServer, subject, since).catch(() => false)
  }
}

function isOwn({ admin: { people }, issuers }: Settings, issuer: string | undefined): boolean {
  const known = people && issuers.get(people.issuer)
  return known?.embedded === true && known.issuer === issuer
}

/** The same for one session, asked again and again. */
export function createLastingLook(isStillIn: IsStillIn, session: OperatorSession): () => Promise<boolean> {
  let [askedAt, isIn] = [performance.now(), Promise.resolve(true)]
  return () => {
    if (performance.now() - askedAt < ASK_MS) return isIn
    ;[askedAt, isIn] = [performance.now(), isStillIn(session)]
    return isIn
  }
}
