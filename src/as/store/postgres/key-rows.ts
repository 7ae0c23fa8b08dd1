// The table of signing keys. Private halves are sealed.
import { keyPlace, type SigningKey, type SigningKeys, toKeyRecord } from '../keys.ts'
import { KEYS, toKnownKey } from './feed.ts'
import type { StoreParts } from './parts.ts'
import type { Session } from './session.ts'

export function keyRows(session: Session, parts: StoreParts): SigningKeys {
  const { clock, seal, state } = parts
  return {
    list: async () => (await session.rows(KEYS, [clock.now()])).map(toKeyRecord),
    rotate: (fresh, overlapMs) =>
      session.whole(async (within) => {
        await keepKey(within, parts, fresh)
        await within.changed(
          'UPDATE signing_keys SET retired_at = $1, gone_at = $2 WHERE kid <> $3 AND retired_at IS NULL',
          [clock.now(), clock.now() + overlapMs, fresh.kid],
        )
        const keys = (await within.rows(KEYS, [clock.now()])).map((row) => toKnownKey(row, seal))
        within.afterCommit(() => state.noteKeys(keys))
      }),
  }
}

/** Where there is none: of any number who start at once, one makes the first. */
export async function keepFirstKey(session: Session, parts: StoreParts, first: SigningKey): Promise<void> {
  await session.whole(async (within) => {
    const found = await within.rows(KEYS, [parts.clock.now()])
    if (found.length === 0) await keepKey(within, parts, first)
  })
}

async function keepKey(
  within: Session,
  { clock, seal }: StoreParts,
  { kid, jwk }: SigningKey,
): Promise<void> {
  await within.changed('INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES ($1, $2, $3)', [
    kid,
    seal.seal(JSON.stringify(jwk), keyPlace(kid)),
    clock.now(),
  ])
}
