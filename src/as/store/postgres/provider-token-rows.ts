// The table of refresh tokens that providers gave, sealed.
import { ASK_AGAIN_MS, MAX_TOKEN_CHARS, type ProviderTokens, providerTokenPlace } from '../provider-tokens.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function providerTokenRows({ rows, changed }: Session, { clock, seal }: StoreParts): ProviderTokens {
  const sealed = (subject: string, token: string) => seal.seal(token, providerTokenPlace(subject))
  return {
    async keep(subject, token) {
      if (token.length > MAX_TOKEN_CHARS) return
      await changed(
        `INSERT INTO provider_tokens (subject, token, asked_at) VALUES ($1, $2, $3)
         ON CONFLICT (subject) DO UPDATE SET token = excluded.token, asked_at = excluded.asked_at`,
        [subject, sealed(subject, token), clock.now()],
      )
    },
    async take(subject) {
      const now = clock.now()
      // In one statement: a provider may take a second use of the same token for theft.
      const [row] = await rows(
        `UPDATE provider_tokens SET asked_at = $1
         WHERE subject = $2 AND (asked_at <= $3 OR asked_at > $1) RETURNING token`,
        [now, subject, now - ASK_AGAIN_MS],
      )
      const kept = row?.['token'] as Uint8Array | undefined
      const token = kept && seal.open(kept, providerTokenPlace(subject))
      return kept === undefined || token === undefined ? undefined : { token, sealed: kept }
    },
    async replace(subject, was, token) {
      if (token.length > MAX_TOKEN_CHARS) return
      await changed('UPDATE provider_tokens SET token = $1 WHERE subject = $2 AND token = $3', [
        sealed(subject, token),
        subject,
        was.sealed,
      ])
    },
    remove: async (subject, was) =>
      (await changed('DELETE FROM provider_tokens WHERE subject = $1 AND token = $2', [
        subject,
        was.sealed,
      ])) === 1,
  }
}
