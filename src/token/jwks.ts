// The keys of one issuer, by kid. They are never shared between issuers (J14), and never taken from a token's header
// (J08, J09). This file decides which keys are candidates; jwt.ts checks the signature.
import type { Result } from '../core/refusal.ts'
import { ok } from '../core/refusal.ts'
import type { MaybeAsync } from '../core/turn.ts'
import type { HttpClient } from '../lib/bounded-http.ts'
import { isJsonObject, type Json, readJsonObject } from '../lib/strict-json.ts'
import type { Clock } from './clock.ts'
import type { VerificationKey } from './keys.ts'
import { readKey } from './keys.ts'
import { createRefreshingValue, type LoadResult } from './refreshing-value.ts'
import { reject, unreachable } from './reject.ts'

export interface KeySet {
  /**
   * Returns the keys that may have signed a token with this kid. When there is none it asks the issuer again, and
   * returns a promise.
   */
  candidates(kid: string | undefined, alg: string): MaybeAsync<Result<readonly VerificationKey[]>>
  /**
   * Called after a signature failed. Returns true when the set was fetched anew, so that another try is worth it
   * (N-05).
   */
  renew(): Promise<boolean>
  /** Whether the issuer still publishes the key. Also false when the set is too old to say. */
  holds(thumbprint: string): boolean
  /** Loads the keys if needed, and returns what is wrong with them, one sentence each. */
  probe(): Promise<readonly string[]>
  /**
   * Whether tokens can be verified now. When they cannot, it asks the issuer again, since load balancers may send no
   * traffic until then.
   */
  isUsable(): boolean
  ageMs(): number | undefined
  lastError(): string | undefined
}

interface Keys {
  readonly usable: readonly VerificationKey[]
  readonly thumbprints: ReadonlySet<string>
  readonly ignored: readonly string[]
}

const MAX_JWKS_BYTES = 262_144
const MAX_KEYS = 100
/** J13: a token without kid, or with a shared one, costs at most this many signature checks. */
const MAX_CANDIDATES = 4
const TIMES = {
  renewAfterMs: 120_000,
  maxAgeMs: 300_000, // J51: a removed key is refused after this long at the latest
  maxStaleMs: 3_600_000,
  cooldownMs: 3_000, // J50: a rotated key is accepted after this long, whatever else is asked meanwhile
  failureCooldownMs: 2_000,
}

export interface KeySetOptions {
  readonly issuer: string
  readonly jwksUri: () => Promise<LoadResult<string>>
  readonly httpClient: HttpClient
  readonly clock: Clock
}

export function createKeySet({ issuer, jwksUri, httpClient, clock }: KeySetOptions): KeySet {
  const load = async () => {
    const uri = await jwksUri()
    return uri.ok ? loadKeys(uri.value, httpClient) : uri
  }
  const keySet = createRefreshingValue<Keys>({ load, clock, ...TIMES })
  const serving = (keys: Keys, kid: string | undefined, alg: string) =>
    keys.usable.filter((key) => (kid === undefined || key.kid === kid) && key.checks.has(alg))

  const few = (found: readonly VerificationKey[]) =>
    found.length > MAX_CANDIDATES ? reject('key', 'too many published keys could fit') : ok(found)
  const askAgain = async (kid: string | undefined, alg: string) => {
    let keys = await keySet.get()
    if (keys.ok && serving(keys.value, kid, alg).length === 0 && (await keySet.renew()))
      keys = await keySet.get()
    if (!keys.ok) return unreachable(issuer, keys.why)
    const found = serving(keys.value, kid, alg)
    const failure = keySet.lastError()
    if (found.length === 0 && failure !== undefined) return unreachable(issuer, failure)
    return found.length === 0 ? reject('key', 'no published key fits') : few(found)
  }

  return {
    candidates(kid, alg) {
      const keys = keySet.peek()
      const found = keys === undefined ? [] : serving(keys, kid, alg)
      return found.length > 0 ? few(found) : askAgain(kid, alg)
    },
    renew: keySet.renew,
    holds: (thumbprint) => keySet.peek()?.thumbprints.has(thumbprint) ?? false,
    async probe() {
      const keys = await keySet.get()
      return keys.ok ? keys.value.ignored : [keys.why]
    },
    isUsable() {
      if (keySet.peek() !== undefined) return true
      void keySet.renew()
      return false
    },
    ageMs: keySet.ageMs,
    lastError: keySet.lastError,
  }
}

/** RFC 7517 §4.2: an issuer may publish keys for encryption beside those for signatures. */
function isForEncryption(jwk: Json | undefined): boolean {
  return isJsonObject(jwk) && jwk['use'] === 'enc'
}

async function loadKeys(url: string, httpClient: HttpClient): Promise<LoadResult<Keys>> {
  const outcome = await httpClient.ask({
    url,
    method: 'GET',
    headers: { accept: 'application/jwk-set+json, application/json' },
    maxBytes: MAX_JWKS_BYTES,
  })
  if (!outcome.ok) return { ok: false, why: `its keys cannot be fetched (${outcome.why})` }
  if (outcome.answer.status !== 200) return { ok: false, why: `jwks_uri answered ${outcome.answer.status}` }
  const published = readJsonObject(outcome.answer.body)?.['keys']
  if (!Array.isArray(published)) return { ok: false, why: 'jwks_uri does not answer with a JWK set' }
  if (published.length > MAX_KEYS) return { ok: false, why: `the JWK set has more than ${MAX_KEYS} keys` }
  const readings = published.map((jwk) =>
    isJsonObject(jwk) ? readKey(jwk) : { ok: false as const, why: 'it is not an object' },
  )
  const usable = readings.flatMap((reading) => (reading.ok ? [reading.value] : []))
  const unused = readings.flatMap((reading, index) =>
    reading.ok
      ? []
      : [
          {
            index,
            sentence: `published key ${index + 1} of ${published.length} is not used: ${reading.why}`,
          },
        ],
  )
  const ignored = unused
    .filter(({ index }) => !isForEncryption(published[index]))
    .map(({ sentence }) => sentence)
  // J52: an empty set is a fault of the issuer, not an order to refuse everybody.
  if (usable.length === 0)
    return {
      ok: false,
      why: `no usable key is published. ${unused.map(({ sentence }) => sentence).join('. ')}`.trim(),
    }
  return { ok: true, value: { usable, ignored, thumbprints: new Set(usable.map((key) => key.thumbprint)) } }
}
