// The table of refresh tokens that providers gave, sealed.
import { ASK_AGAIN_MS, MAX_TOKEN_CHARS, type ProviderTokens, providerTokenPlace } from '../provider-tokens.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

export function createProviderTokens({
  database,
  clock,
  seal,
  fleeting,
}: DatabaseConnection): Tables<ProviderTokens> {
  const keep = database.prepare(
    `INSERT INTO provider_tokens (subject, token, asked_at) VALUES (?, ?, ?)
     ON CONFLICT (subject) DO UPDATE SET token = excluded.token, asked_at = excluded.asked_at`,
  )
  // In one statement: a provider may take a second use of the same token for theft.
  const take = database.prepare(
    `UPDATE provider_tokens SET asked_at = $now
     WHERE subject = $subject AND (asked_at <= $askAgain OR asked_at > $now) RETURNING token`,
  )
  const replace = database.prepare('UPDATE provider_tokens SET token = ? WHERE subject = ? AND token = ?')
  const remove = database.prepare('DELETE FROM provider_tokens WHERE subject = ? AND token = ?')
  return {
    keep(subject, token) {
      if (token.length > MAX_TOKEN_CHARS) return
      keep.run(subject, seal.seal(token, providerTokenPlace(subject)), clock.now())
    },
    take(subject) {
      const now = clock.now()
      const sealed = fleeting(() => take.get({ now, subject, askAgain: now - ASK_AGAIN_MS }))?.['token']
      if (!(sealed instanceof Uint8Array)) return undefined
      const token = seal.open(sealed, providerTokenPlace(subject))
      return token === undefined ? undefined : { token, sealed }
    },
    replace(subject, { sealed }, token) {
      if (token.length <= MAX_TOKEN_CHARS)
        replace.run(seal.seal(token, providerTokenPlace(subject)), subject, sealed)
    },
    remove: (subject, { sealed }) => remove.run(subject, sealed).changes === 1,
  }
}
