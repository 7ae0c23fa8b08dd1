// Operators who sign in at the authorization server of their own gateway. The server may be another one after a reload;
// whether a session still counts is asked of its data, so that somebody who was shut out there is out here too.
import { decodeJwt } from 'jose'
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
  /** Undefined while the data is away. */
  const withData = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (server?.engine.store.isFault(error) === true) return undefined
      throw error
    }
  }
  const wanted = { resource: CONSOLE_RESOURCE, scopes: [] }
  return {
    client: {
      async begin(_wanted, ...rest) {
        const known = await issuerNow()
        if (known === undefined) return AWAY
        const begin = async () => {
          await known.register()
          return known.client.begin(wanted, ...rest)
        }
        return (await withData(begin)) ?? AWAY
      },
      async finish(_wanted, ...rest) {
        const known = await issuerNow()
        if (known === undefined) return AWAY
        const finish = async () => {
          const got = await known.client.finish(wanted, ...rest)
          if (got.ok) await endGrant(server, got.value.token)
          return got
        }
        return (await withData(finish)) ?? AWAY
      },
    },
    close: async () => issuer?.close(),
  }
}

/** It has told who signed in, and is for nothing else: no token of it counts, and no list shows it. */
async function endGrant(server: OwnServer | undefined, token: string): Promise<void> {
  const { grant_id: grant } = decodeJwt(token) // that our own server has just made
  if (typeof grant === 'string') await server?.engine.store.grants.revoke(grant)
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
