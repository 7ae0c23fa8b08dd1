// One route that trusts issuers in this process, with a clock that tests move. Closes itself when the test ends.
import { onTestFinished } from 'vitest'
import type { Credential, Principal } from '../../src/core/principal.ts'
import type { Result } from '../../src/core/refusal.ts'
import type { Verifier } from '../../src/core/route.ts'
import { Secret } from '../../src/core/secret.ts'
import type { IntrospectionSettings, IssuerSettings } from '../../src/core/settings.ts'
import { createIssuer } from '../../src/token/issuer.ts'
import type { Issuer } from '../../src/token/issuer-contract.ts'
import { createVerifier, type VerifierOptions } from '../../src/token/verifier.ts'
import { startIssuer, type TestIssuer, type TestIssuerOptions } from '../support/issuer.ts'

export const RESOURCE = 'https://gw.example/mcp/a'
export const START = Date.UTC(2026, 0, 15)
/** Epoch seconds at which every scene begins. */
export const NOW = START / 1000

export interface FakeClock {
  wall: number
  mono: number
  now(): number
  monotonic(): number
  /** Both clocks, as time passes. */
  pass(ms: number): void
}

export function fakeClock(): FakeClock {
  const clock: FakeClock = {
    wall: START,
    mono: 1_000_000,
    now: () => clock.wall,
    monotonic: () => clock.mono,
    pass(ms) {
      clock.wall += ms
      clock.mono += ms
    },
  }
  return clock
}

export function introspectionSettings(over: Partial<IntrospectionSettings> = {}): IntrospectionSettings {
  return {
    endpoint: undefined,
    auth: 'basic',
    clientId: 'portcullis',
    clientSecret: new Secret('s3cret'),
    clientSecretNext: undefined,
    privateKey: undefined,
    audience: 'required',
    ttlSeconds: 30,
    negativeTtlSeconds: 5,
    maxEntries: 1000,
    ...over,
  }
}

export function issuerSettings(issuer: string, over: Partial<IssuerSettings> = {}): IssuerSettings {
  return {
    name: 'corp',
    issuer,
    allowInsecureIssuer: true,
    validation: 'jwt',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    typ: 'any',
    leewaySeconds: 5,
    maxLifetimeSeconds: 86_400,
    singleAudience: false,
    allowedScopes: undefined,
    claims: {
      subject: ['sub'],
      scopes: ['scope', 'scp'],
      client: ['client_id', 'azp'],
      roles: ['realm_access.roles'],
    },
    introspection: undefined,
    ...over,
  }
}

export interface Scene {
  readonly as: TestIssuer
  readonly clock: FakeClock
  readonly issuer: Issuer
  readonly verifier: Verifier
  /** Claims of a good token of `as`, with changes; a member of undefined is left out. */
  claims(over?: object): object
  verify(token: string, over?: Partial<Credential>): Promise<Result<Principal>>
}

export interface SceneOptions {
  readonly settings?: Partial<IssuerSettings>
  readonly route?: Partial<VerifierOptions>
  readonly server?: TestIssuerOptions
  readonly timeoutMs?: number
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const as = await startIssuer(options.server)
  const clock = fakeClock()
  const settings = issuerSettings(as.url, options.settings)
  const issuer = createIssuer(settings, { clock, timeoutMs: options.timeoutMs ?? 3000 })
  const verifier = createVerifier({
    audience: [RESOURCE],
    issuers: [issuer],
    dpop: 'accept',
    clock,
    ...options.route,
  })
  onTestFinished(async () => {
    await issuer.close()
    await as.close()
  })
  return {
    as,
    clock,
    issuer,
    verifier,
    claims: (over) => goodClaims(as.url, over),
    verify: async (token, over) => verifier.verify(bearer(token, over), clock.now()),
  }
}

export function goodClaims(iss: string, over: object = {}): object {
  const times = { iat: NOW, exp: NOW + 600 }
  return { iss, aud: RESOURCE, sub: 'alice', client_id: 'cli', scope: 'a', ...times, ...over }
}

export function bearer(token: string, over: Partial<Credential> = {}): Credential {
  return {
    scheme: 'bearer',
    token,
    proof: undefined,
    method: 'POST',
    url: RESOURCE,
    address: undefined,
    ...over,
  }
}

/** `ok`, the check of a rejected token, or the reason of any other refusal. */
export function outcome(result: Result<unknown>): string {
  if (result.ok) return 'ok'
  return result.refusal.reason === 'token_rejected' ? result.refusal.check : result.refusal.reason
}
