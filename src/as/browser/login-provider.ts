// Where people who come to a route with a browser sign in: at the authorization server of this process, or elsewhere.
import type { PageRequest } from '../people.ts'
import type { IssuerClient } from './issuer-client.ts'

export interface LoginProvider {
  /** Each issuer has its own, so that no answer is taken for that of another one (RFC 9700 §4.4.2). */
  readonly callbackPath: string
  readonly client: IssuerClient
  /** Ends the person's session there too, where this process can. */
  endSession(page: PageRequest): Promise<void>
  /** When every sign-in of the person was ended there, epoch milliseconds, where that is known here. */
  endedAt(subject: string): Promise<number | undefined>
  close(): Promise<void>
}
