// Who is signed in at the browser that sends a request, as far as a session of the engine says who that should be.
import type { IncomingMessage } from 'node:http'
import type { LoginCookie } from '../sign-in/login-cookie.ts'
import type { Person } from '../store/users.ts'
import type { FindAdmitted } from './find-admitted.ts'

/** Undefined when somebody else is signed in there or nobody is, or the person would not be let in today. */
export type FindSignedIn = (
  request: IncomingMessage,
  subject: string | undefined,
) => Promise<Person | undefined>

export function createFindSignedIn(loginCookie: LoginCookie, findAdmitted: FindAdmitted): FindSignedIn {
  return async (request, subject) => {
    const session = subject === undefined ? undefined : await loginCookie.read(request)
    return session?.subject === subject ? findAdmitted(subject, session?.provedAt) : undefined
  }
}
