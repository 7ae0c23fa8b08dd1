// What workers have to have in common, made once where the file does not say it: the key of sessions, of events and of
// proof nonces. A session that one worker sealed is opened by each.
import { randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.ts'
import type { Settings } from '../core/settings.ts'

const KEY_BYTES = 32

/** The same key for each reading of the file, so that a reload ends no session. */
export function createSharedKey(): (settings: Settings) => Settings {
  const sessionKey = new Secret(randomBytes(KEY_BYTES).toString('base64url'))
  return (settings) => ({ ...settings, sessionKey: settings.sessionKey ?? sessionKey })
}
