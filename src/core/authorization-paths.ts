// Where the embedded authorization server answers, at the root of the public origin. One table for the server, its
// metadata, and the check that no route stands in its way.

export const PATHS = {
  authorization: '/authorize',
  token: '/token',
  jwks: '/jwks',
  registration: '/register',
  revocation: '/revoke',
  introspection: '/introspect',
  deviceAuthorization: '/device_authorization',
  device: '/device',
  endSession: '/end_session',
} as const

/** Sign-in with a browser, wherever people sign in. */
const BROWSER = '/auth'
/** Pages for people: sign-in, consent, their account, sign-in for browser clients. */
const PAGES = ['/interaction', '/account', '/sign-in', BROWSER]
const CLAIMED: readonly string[] = [...Object.values(PATHS), ...PAGES]

/** Whether a path, or one below it, is the authorization server's. */
export function isClaimed(path: string): boolean {
  return CLAIMED.some((claimed) => isAtOrBelow(path, claimed))
}

export function isClaimedByBrowser(path: string): boolean {
  return isAtOrBelow(path, BROWSER)
}

function isAtOrBelow(path: string, claimed: string): boolean {
  return path === claimed || path.startsWith(`${claimed}/`)
}
