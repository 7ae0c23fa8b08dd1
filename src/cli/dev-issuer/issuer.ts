// The local development issuer: the embedded authorization server in memory, with a person who always agrees, one key
// that is given, and any resource. DEV ONLY. No configuration file, variable or library option leads here:
// test/cli/dev-issuer/reach.test.ts.
import { randomBytes } from 'node:crypto'
import type { AuthorizationServer } from '../../as/contract.ts'
import { createRefusedScopes } from '../../as/refused-scopes.ts'
import type { SigningKey } from '../../as/store/keys.ts'
import { authorizationServer } from '../../config/schema-as.ts'
import { Secret } from '../../core/secret.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import { loadAuthorizationServer } from '../../gateway/load-authorization-server.ts'
import { createTextMemory } from '../../gateway/text-memory.ts'
import { agreeingPerson } from './agreeing-person.ts'
import { createAnyResource } from './any-resource.ts'

export interface DevIssuerOptions {
  readonly key: SigningKey
  /** `sub` of everyone who logs in here. */
  readonly subject: string
  /** Life of an access token. */
  readonly ttlSeconds: number
}

/** A client that is always there, for curl and for the gateway's own introspection. Not a secret: dev only. */
export const STANDING_CLIENT = { id: 'portcullis', secret: 'dev-only' }

const REFRESH_TTL_SECONDS = 24 * 60 * 60
const MAX_CLIENTS = 4_000
/** Every client is on this machine, so there is one network: only a runaway program meets these. */
const LOOPBACK_RATE = { count: 10_000, seconds: 900 }

/** @param issuer the origin that it is reached at, without a slash: `http://127.0.0.1:9000` */
export async function createDevIssuer(
  issuer: string,
  options: DevIssuerOptions,
  onFault: (error: unknown) => void,
): Promise<AuthorizationServer> {
  const { createAuthorizationServer } = await loadAuthorizationServer()
  const server = await createAuthorizationServer(settingsOf(options), {
    issuer,
    branding: { host: new URL(issuer).host },
    routes: [],
    resources: createAnyResource(),
    people: agreeingPerson(options.subject),
    // Steps up nobody: a gateway elsewhere refuses.
    refusedScopes: createRefusedScopes((_use, forMs) => createTextMemory(forMs, { size: 1, share: 1 })),
    clock: { now: () => Date.now() },
    onEvent: () => undefined,
    onFault,
  })
  const { signingKeys, clients } = server.store
  await signingKeys.rotate(options.key, 0) // the one that it made itself is gone at once
  await clients.save(STANDING_CLIENT.id, 'operator', {
    client_id: STANDING_CLIENT.id,
    client_secret: STANDING_CLIENT.secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  })
  return server
}

function settingsOf({ ttlSeconds }: DevIssuerOptions): AuthorizationServerSettings {
  const usual = authorizationServer.parse({})
  const { registration, limits } = usual
  return {
    ...usual,
    data: ':memory:',
    cookieSecret: new Secret(randomBytes(32).toString('base64url')),
    accessTokenTtlSeconds: ttlSeconds,
    refreshTokenTtlSeconds: REFRESH_TTL_SECONDS,
    refreshTokenGraceSeconds: 0,
    stepUp: 'off',
    // A document could name a redirect address anywhere.
    registration: {
      ...registration,
      clientIdMetadata: { ...registration.clientIdMetadata, enabled: false },
      maxClients: MAX_CLIENTS,
    },
    limits: {
      ...limits,
      registrations: LOOPBACK_RATE,
      authorizations: LOOPBACK_RATE,
      failures: LOOPBACK_RATE,
    },
  }
}
