// Makes once what workers must have in common where the file does not name it: the key of sessions, of events and of
// proof nonces. Each worker opens a session that any of them sealed.
import { randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.ts'
import type { Settings } from '../core/settings.ts'

const KEY_BYTES = 32

/** Adds the same key to each reading of the file, so that a reload ends no session. */
export function createSharedKey(): (settings: Settings) => Settings {
  const sessionKey = new Secret(randomBytes(KEY_BYTES).toString('base64url'))
  return (settings) => ({ ...settings, sessionKey: settings.sessionKey ?? sessionKey })
}
