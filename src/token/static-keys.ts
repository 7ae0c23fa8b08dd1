// Keys for machines, whose hashes stand in the file. Nothing is asked over the network. A key must be random, as
// `portcullis hash-key` makes it: plain SHA-256 would not hide a word that a person chose.
import { createHash, timingSafeEqual } from 'node:crypto'
import { ok } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import type { StaticKey, StaticKeysSettings } from '../core/settings-verifier.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import { jsonObject } from '../lib/strict-json.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Introspection } from './guarded-introspection.ts'
import type { Issuer } from './issuer-contract.ts'
import type { KeySet } from './jwks.ts'
import { reject } from './reject.ts'

export function createStaticKeys(
  settings: IssuerSettings,
  { keys }: StaticKeysSettings,
  clock: Clock = systemClock,
): Issuer {
  return {
    settings,
    keys: NO_KEYS,
    introspection: introspectionOf(keys),
    async probe() {
      const old = keys.filter(({ expiresAt }) => expiresAt * 1000 <= clock.now())
      return old.map(({ name }) => `issuer ${settings.name}: the key ${name} has expired`)
    },
    status: () => ({ name: settings.name, ready: true, ageMs: 0, lastError: undefined }),
    metadataText: async () => undefined,
    close: async () => undefined,
  }
}

function introspectionOf(keys: readonly StaticKey[]): Introspection {
  const known = keys.map((key) => ({ key, digest: Buffer.from(key.sha256, 'hex') }))
  return {
    async introspect({ token }) {
      const digest = createHash('sha256').update(token).digest()
      // All hashes are compared, in constant time, also after one fits.
      const [found] = known.filter((each) => timingSafeEqual(each.digest, digest))
      return found === undefined ? reject('inactive', 'not a key of the file') : ok(claimsOf(found.key))
    },
    isUsable: () => true,
    ageMs: () => 0,
    lastError: () => undefined,
  }
}

function claimsOf({ name, subject, client, scopes, roles, expiresAt }: StaticKey): JsonObject {
  return jsonObject({ sub: subject, client_id: client, scope: scopes, roles, exp: expiresAt, key: name })
}

/** A static key is no signing key, so there is no JWKS. */
const NO_KEYS: KeySet = {
  candidates: () => reject('key', 'this issuer has no signing keys'),
  renew: async () => false,
  holds: () => false,
  probe: async () => [],
  isUsable: () => true,
  ageMs: () => 0,
  lastError: () => undefined,
}
