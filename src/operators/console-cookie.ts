// The cookie of a session. On https it is bound to the host (`__Host-`). On plain http of this machine there is no such
// thing, and ports of one host share cookies: there its name has the port, and it is sent to the console alone.
import { createCookieJar } from '../as/web/cookies.ts'
import { CONSOLE_PATH } from '../core/console-paths.ts'
import type { AdminContext } from '../http/admin-page.ts'

export interface ConsoleCookie {
  /** The id of a session; undefined when there is none, or two. */
  read(context: AdminContext): string | undefined
  /** A Set-Cookie value. */
  write(id: string, lifeSeconds: number): string
  clear(): string
}

/** @param origin of the console, as browsers are told it */
export function createConsoleCookie(origin: () => string): ConsoleCookie {
  const jar = () => createCookieJar(isSecure(origin()), { sameSite: 'Strict', path: CONSOLE_PATH })
  const name = () => (isSecure(origin()) ? 'console' : `console-${new URL(origin()).port}`)
  return {
    read: ({ env: { incoming } }) => jar().read(incoming, name()),
    write: (id, lifeSeconds) => jar().write(name(), id, lifeSeconds),
    clear: () => jar().clear(name()),
  }
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:')
}
