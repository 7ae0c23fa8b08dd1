// Signing keys. The newest one signs; a retired one is published until the last token that it signed has expired
// (A49). Private halves are sealed.
import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Store } from './store.ts'

export interface SigningKey {
  readonly kid: string
  /** With the private half. */
  readonly jwk: JWK
}

export interface SigningKeys {
  /** The same list while nothing changed. Newest first: the first one signs, all are published. Never empty. */
  current(): readonly SigningKey[]
  /** Makes a new one; the others are published for `overlapMs` more. */
  rotate(overlapMs: number): Promise<SigningKey>
}

/** A key that is gone is noticed after this long; one that a command made, at once. */
const RELOAD_MS = 60_000

/** One that fast verifiers everywhere know (RFC 7518 §3.4). */
export const SIGNING_ALGORITHM = 'ES256'

const OTHER_KEY =
  'the data was sealed with another key: put back the `cookie_secret` that it was made with, or remove it where there was ' +
  'none; or name other `data`'

/** Makes the first key of a new store. Throws when the kept keys were sealed with another secret. */
export async function openSigningKeys(store: Store): Promise<SigningKeys> {
  const { database, seal, clock } = store
  const select = database.prepare(
    `SELECT kid, private_jwk FROM signing_keys WHERE gone_at IS NULL OR gone_at > ?
     ORDER BY retired_at IS NOT NULL, created_at DESC, kid`,
  )
  const insert = database.prepare('INSERT INTO signing_keys (kid, private_jwk, created_at) VALUES (?, ?, ?)')
  const retire = database.prepare(
    'UPDATE signing_keys SET retired_at = ?1, gone_at = ?1 + ?2 WHERE kid <> ?3 AND retired_at IS NULL',
  )
  const load = () =>
    select.all(clock.now()).map((row): SigningKey => {
      const kid = String(row['kid'])
      const opened = seal.open(row['private_jwk'] as Uint8Array, `Key ${kid}`)
      if (opened === undefined) throw new Error(OTHER_KEY)
      return { kid, jwk: JSON.parse(opened) as JWK }
    })
  const keep = ({ kid, jwk }: SigningKey) =>
    insert.run(kid, seal.seal(JSON.stringify(jwk), `Key ${kid}`), clock.now())

  const first = await makeKey()
  store.transaction(() => {
    if (load().length === 0) keep(first)
  })
  let held = { keys: load(), version: store.foreignVersion(), until: clock.now() + RELOAD_MS }
  const reload = () => {
    held = { keys: load(), version: store.foreignVersion(), until: clock.now() + RELOAD_MS }
  }
  return {
    current() {
      if (held.version !== store.foreignVersion() || held.until <= clock.now()) reload()
      return held.keys
    },
    async rotate(overlapMs) {
      const fresh = await makeKey()
      store.transaction(() => {
        keep(fresh)
        retire.run(clock.now(), overlapMs, fresh.kid)
      })
      reload()
      return fresh
    },
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, jwk: { ...jwk, kid, use: 'sig', alg: SIGNING_ALGORITHM } }
}
