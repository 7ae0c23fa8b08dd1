// The console of a gateway as a client of the embedded authorization server: what it may ask for, and nobody else. Nobody
// is asked for consent, since the gateway only learns who signed in; what it asks for opens nothing.
import { createHash } from 'node:crypto'
import type { ProtectedRoute } from './contract.ts'

/** RFC 8707 §2: no address of a server, and so the audience of no route. */
export const CONSOLE_RESOURCE = 'urn:portcullis:console'

export const CONSOLE_ROUTE: ProtectedRoute = {
  ...{ resource: CONSOLE_RESOURCE, audience: CONSOLE_RESOURCE, baseline: [], scopes: [] },
  describe: async () => ({ title: 'Console', dangers: new Map() }),
}

const PREFIX = 'portcullis-console-'
const DIGEST_CHARS = 32

/** Gateways that share data have a console each. */
export function consoleClientId(redirectUri: string): string {
  return PREFIX + createHash('sha256').update(redirectUri).digest('hex').slice(0, DIGEST_CHARS)
}

/** No other client has such an id: those that register get random ones, or are named by their document. */
export function isConsoleClient(clientId: string): boolean {
  return clientId.startsWith(PREFIX)
}
