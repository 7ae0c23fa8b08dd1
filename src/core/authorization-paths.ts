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

/** Pages for people: sign-in, consent, their account, sign-in for browser clients. */
const PAGES = ['/interaction', '/account', '/sign-in', '/auth']
const CLAIMED: readonly string[] = [...Object.values(PATHS), ...PAGES]

/** Whether a path, or one below it, is the authorization server's. */
export function isClaimed(path: string): boolean {
  return CLAIMED.some((claimed) => path === claimed || path.startsWith(`${claimed}/`))
}
