// The table of signing keys, and those that are published now in memory. Private halves are sealed.
import { keyPlace, type SigningKey, type SigningKeys, toKeyRecord, toSigningKey } from '../keys.ts'
import type { LiveState } from '../live.ts'
import type { DatabaseConnection } from './connection.ts'
import type { Tables } from './tables.ts'

/** A key that is gone is noticed after this long; one that a command made, at once. */
const RELOAD_MS = 60_000

export interface SigningKeyTable {
  readonly tables: Tables<SigningKeys>
  readonly current: LiveState['signingKeys']
}

/** @param first kept where there is none; throws when the kept keys were sealed with another secret */
export function createSigningKeys(connection: DatabaseConnection, first: SigningKey): SigningKeyTable {
  const { database, seal, clock, transaction, foreignVersion, afterCommit } = connection
  const select = database.prepare(
    `SELECT kid, private_jwk, created_at, gone_at FROM signing_keys WHERE gone_at IS NULL OR gone_at > ?
     ORDER BY retired_at IS NOT NULL, created_at DESC, kid`,
  )
  const insert = database.prepare('INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES (?, ?, ?)')
  const retire = database.prepare(
    'UPDATE signing_keys SET retired_at = $now, gone_at = $now + $overlap WHERE kid <> $kid AND retired_at IS NULL',
  )
  const load = () => select.all(clock.now()).map((row) => toSigningKey(row, seal))
  const keep = ({ kid, jwk }: SigningKey) =>
    insert.run(kid, seal.seal(JSON.stringify(jwk), keyPlace(kid)), clock.now())

  transaction(() => {
    if (load().length === 0) keep(first)
  })
  const read = () => ({ keys: load(), version: foreignVersion(), until: clock.now() + RELOAD_MS })
  let held = read()
  const isOld = () => held.version !== foreignVersion() || held.until <= clock.now()
  return {
    current() {
      if (!database.isTransaction && isOld()) held = read() // never what is not certain yet
      return held.keys
    },
    tables: {
      list: () => select.all(clock.now()).map(toKeyRecord),
      rotate: (fresh, overlapMs) =>
        transaction(() => {
          keep(fresh)
          retire.run({ now: clock.now(), overlap: overlapMs, kid: fresh.kid })
          afterCommit(() => {
            held = read()
          })
        }),
    },
  }
}
