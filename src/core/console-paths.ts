// Where the console is on the administration port, and the way into it. Its pages stand below; the cookie of a session is
// sent to nothing else.

export const CONSOLE_PATH = '/console'
export const SIGN_IN_PATH = '/console/sign-in'
/** Of the link that a terminal shows. */
export const ENTER_PATH = '/console/enter'
/** To the issuer where people sign in, and back. */
export const PEOPLE_PATH = '/console/sign-in/people'
export const CALLBACK_PATH = '/console/callback'
export const SIGN_OUT_PATH = '/console/sign-out'

export function isConsolePath(path: string): boolean {
  return path === CONSOLE_PATH || path.startsWith(`${CONSOLE_PATH}/`)
}
