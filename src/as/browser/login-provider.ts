// Where people who come to a route with a browser sign in: at the authorization server of this process, or elsewhere.
import type { IncomingMessage } from 'node:http'
import type { PageRequest } from '../people.ts'
import type { IssuerClient } from './issuer-client.ts'

export interface LoginProvider {
  /** Each issuer has its own, so that no answer is taken for that of another one (RFC 9700 §4.4.2). */
  readonly callbackPath: string
  readonly client: IssuerClient
  /** The login session there of the browser that sends this; undefined where this process cannot know. */
  loginSessionOf(request: IncomingMessage): Promise<string | undefined>
  /** Whether a browser is still signed in there, as far as that is known here. @param loginSession as it was found to be */
  isSignedIn(loginSession: string | undefined): Promise<boolean>
  /** The browser is in use. */
  noteUse(loginSession: string): Promise<void>
  /** Ends the person's session there too, where this process can. A Set-Cookie value for it, if any. */
  endSession(page: PageRequest): Promise<readonly string[]>
  /** When every sign-in of the person was ended there, epoch milliseconds, where that is known here. */
  endedAt(subject: string): Promise<number | undefined>
  close(): Promise<void>
}
