// The authorization server of this process as an issuer. Keys and revocations are read where they are, so nothing can
// be unreachable, and a revoked token is refused at once, also where its verdict is kept (docs/decisions.md, 11).

import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { IssuerSettings } from '../core/settings.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'
import type { JsonObject } from '../lib/strict-json.ts'
import type { Introspection } from './guarded-introspection.ts'
import type { Issuer } from './issuer-contract.ts'
import type { KeySet } from './jwks.ts'
import { readKey, type VerificationKey } from './keys.ts'
import { readJws } from './read-jws.ts'
import { DATA_AWAY, reject, unreachable } from './reject.ts'

/** How often the server is asked again for a key that nobody knows, in milliseconds. */
const LOOK_AGAIN_MS = 500

/** What the issuer needs of the server. Each call takes microseconds. */
export interface EmbeddedServer {
  /** Public JWKs that are published now. */
  keys(): readonly object[]
  /**
   * Whether a token was revoked whose signature held; undefined while that cannot be told. Returns a promise only where
   * the answer has to be waited for.
   */
  isRevoked(claims: Readonly<Record<string, unknown>>): MaybeAsync<boolean | undefined>
  /** Learns what other processes have done up to now; false when it cannot. */
  catchUp(): MaybeAsync<boolean>
  metadataText(): string
}

export function createEmbeddedIssuer(settings: IssuerSettings, server: EmbeddedServer): Issuer {
  const keys = keysOf(server)
  return {
    settings,
    keys,
    introspection: introspectionOf(settings, server, keys),
    isRevoked: (claims) => server.isRevoked(claims),
    probe: async () => [],
    status: () => ({ name: settings.name, ready: true, ageMs: 0, lastError: undefined }),
    metadataText: async () => server.metadataText(),
    close: async () => undefined,
  }
}

function keysOf(server: EmbeddedServer): KeySet {
  const read = new WeakMap<object, VerificationKey>()
  const usable = () =>
    server.keys().flatMap((jwk) => {
      const known = read.get(jwk)
      if (known !== undefined) return [known]
      const reading = readKey(jwk as JsonObject)
      if (!reading.ok) return []
      read.set(jwk, reading.value)
      return [reading.value]
    })
  /**
   * Another process may have made the key a moment ago, so the server is asked again. Unknown keys make it ask only now
   * and then, however many tokens name them.
   */
  let lookedMs = Number.NEGATIVE_INFINITY
  const mayHaveCome = () => {
    if (performance.now() - lookedMs < LOOK_AGAIN_MS) return false
    lookedMs = performance.now()
    return server.catchUp()
  }
  return {
    candidates(kid, alg) {
      const named = () => usable().filter((key) => key.kid === kid && key.checks.has(alg))
      const found = (fitting: VerificationKey[]) =>
        fitting.length > 0 ? ok(fitting) : reject('key', 'no key of ours')
      const known = named()
      if (known.length > 0) return found(known)
      return andThen(mayHaveCome(), (hasLooked) => found(hasLooked ? named() : known))
    },
    renew: async () => false,
    holds: (thumbprint) => usable().some((key) => key.thumbprint === thumbprint),
    probe: async () => [],
    isUsable: () => true,
    ageMs: () => 0,
    lastError: () => undefined,
  }
}

/** docs/decisions.md, 5: a rule with `require_active` asks again, and here the answer is certain. */
function introspectionOf({ name }: IssuerSettings, server: EmbeddedServer, keys: KeySet): Introspection {
  return {
    async introspect({ token }): Promise<Result<JsonObject>> {
      const jws = readJws(token)
      if (!jws.ok) return jws
      const { kid, alg, claims, signed, signature } = jws.value
      const candidates = await keys.candidates(kid, alg)
      if (!candidates.ok) return candidates
      const [signer] = candidates.value
      if (!(await signer?.checks.get(alg)?.verifies(signed, signature))) return reject('inactive', 'revoked')
      const revoked = (await server.catchUp()) ? await server.isRevoked(claims) : undefined
      if (revoked === undefined) return unreachable(name, DATA_AWAY)
      return revoked ? reject('inactive', 'revoked') : ok(claims)
    },
    isUsable: () => true,
    ageMs: () => 0,
    lastError: () => undefined,
  }
}
