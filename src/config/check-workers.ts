// What several workers cannot share: said at the start, with what to set instead.
import type { Finding, Settings } from '../core/settings.ts'

/** Sign-ins that came back, and sessions that were ended, stand in the data of the authorization server, or in one process. */
export function checkWorkers({ workers = 1, routes, authorizationServer }: Settings): Finding[] {
  if (workers === 1 || authorizationServer !== undefined) return []
  if (routes.every(({ browser }) => browser === undefined)) return []
  const message =
    'a route with `browser` remembers in its process which sign-ins came back and which sessions were ended, so one that was ended would go on at another worker; set workers: 1, or keep them in the data of an `authorization_server`'
  return [{ severity: 'error', path: ['workers'], message }]
}
