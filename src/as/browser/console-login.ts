// Operators who sign in at the authorization server of their own gateway. The server may be another one after a reload;
// whether a session still counts is asked of its data, so that somebody who was shut out there is out here too.
import { CONSOLE_RESOURCE, consoleClientId } from '../console-client.ts'
import type { SignInRefusal } from '../sign-in/provider.ts'
import type { IssuerClient } from './issuer-client.ts'
import { createOwnIssuer, type OwnIssuer, type OwnServer } from './own-issuer.ts'

/** The server that serves now; undefined while there is none, or its data cannot be used. */
export type OwnServerNow = () => Promise<OwnServer | undefined>

export interface ConsoleLogin {
  readonly client: IssuerClient
  close(): Promise<void>
}

const AWAY: SignInRefusal = {
  ok: false,
  why: 'unreachable',
  detail: 'the authorization server of this gateway cannot be asked',
}

export function createConsoleLogin(serverNow: OwnServerNow, redirectUri: string): ConsoleLogin {
  let [server, issuer]: [OwnServer | undefined, OwnIssuer | undefined] = [undefined, undefined]
  const own = {
    id: consoleClientId(redirectUri),
    name: 'Console',
    redirectUri,
    applicationType: 'web',
  } as const
  const issuerNow = async (): Promise<OwnIssuer | undefined> => {
    const now = await serverNow()
    if (now !== server) {
      issuer?.close()
      ;[server, issuer] = [now, now && createOwnIssuer(now, own)]
    }
    return issuer
  }
  /** False while the data is away. */
  const isRegistered = async (known: OwnIssuer): Promise<boolean> => {
    try {
      await known.register()
      return true
    } catch (error) {
      if (server?.engine.store.isFault(error) === true) return false
      throw error
    }
  }
  const wanted = { resource: CONSOLE_RESOURCE, scopes: [] }
  return {
    client: {
      async begin(_wanted, ...rest) {
        const known = await issuerNow()
        if (known === undefined || !(await isRegistered(known))) return AWAY
        return known.client.begin(wanted, ...rest)
      },
      async finish(_wanted, ...rest) {
        return (await issuerNow())?.client.finish(wanted, ...rest) ?? AWAY
      },
    },
    close: async () => issuer?.close(),
  }
}

/** Whether they may still be signed in: not shut out, and not signed out everywhere since. @param since epoch milliseconds */
export async function isStillSignedIn(
  serverNow: OwnServerNow,
  subject: string,
  since: number,
): Promise<boolean> {
  const person = await (await serverNow())?.engine.store.users.find(subject)
  return person !== undefined && !person.disabled && (person.sessionsEndedAt ?? 0) < since
}
