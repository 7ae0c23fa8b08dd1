// The shapes of an entry of `issuers` whose tokens somebody else judges: `verifier: wacht`, `http`, `static_keys` or
// `custom`. What has to agree between keys is in check-verifier.ts.
import { z } from 'zod'
import type { IssuerSettings } from '../core/settings.ts'
import type { StaticKey, VerdictSource } from '../core/settings-verifier.ts'
import { endpointUrl } from './addresses.ts'
import { count, keyHash, milliseconds, name, scope, scopeList, seconds, secret, text } from './scalars.ts'
import { issuerIdentity, issuerOf, tokenBounds } from './schema-issuer-keys.ts'

export const cache = z
  .strictObject({
    ttl: seconds('1s', '5m')
      .describe('How long an active answer is believed, at most until exp.')
      .prefault('30s'),
    negative_ttl: seconds('0s', '1m').describe('How long an inactive answer is believed.').prefault('5s'),
    max_entries: count(1, 1_000_000).describe('How many answers are kept.').prefault(10_000),
  })
  .transform((raw) => ({
    ttlSeconds: raw.ttl,
    negativeTtlSeconds: raw.negative_ttl,
    maxEntries: raw.max_entries,
  }))

type Parsed = Omit<IssuerSettings, 'name'>

/** Answers are read under these names, whatever their source calls them. */
const CLAIMS = { subject: ['sub'], scopes: ['scope'], client: ['client_id'], roles: ['roles'] }

function judged(verdictSource: VerdictSource, parts: Pick<Parsed, 'issuer'> & Partial<Parsed>): Parsed {
  return {
    allowInsecureIssuer: false,
    validation: 'introspection',
    algorithms: [],
    typ: 'any',
    leewaySeconds: 0,
    maxLifetimeSeconds: Number.MAX_SAFE_INTEGER,
    singleAudience: false,
    allowedScopes: undefined,
    claims: CLAIMS,
    introspection: undefined,
    ...parts,
    verdictSource,
  }
}

const usual = {
  ...issuerIdentity,
  ...tokenBounds,
  timeout: milliseconds('100ms', '30s').describe('For one answer of the verifier as a whole.').prefault('3s'),
  cache: cache.describe('How long answers are kept.').prefault({}),
}

const VERIFIER =
  '`jwt`: keys or introspection of the issuer; `wacht`: the check of a Wacht gateway; `http`: a service of your own; `static_keys`: hashed keys in this file; `custom`: a function of the program that embeds the gateway.'

export const verifierIs = <Word extends string>(word: Word) => z.literal(word).describe(VERIFIER)

export const wacht = z
  .strictObject({
    verifier: verifierIs('wacht'),
    ...usual,
    gateway_url: endpointUrl
      .describe('The Wacht gateway that is asked: https, or http on this machine.')
      .prefault('https://gateway.wacht.dev'),
    principal: z
      .enum(['oauth_access_token', 'api_key'])
      .describe(
        'What callers present. An access token is bound to this route by its resource, an API key by `app`.',
      )
      .prefault('oauth_access_token'),
    app: text.describe('The app slug that a token must belong to. Needed for `api_key`.').optional(),
    required_permissions: scopeList
      .describe(
        'Permissions that Wacht checks itself, each of them needed. A caller who lacks one is refused without a challenge; only missing `scopes` of the route or a rule are asked for.',
      )
      .optional(),
    machine_tokens: z
      .boolean()
      .describe('Accept tokens that belong to no person; their subject is `key:` and the id of the key.')
      .prefault(false),
  })
  .transform((raw) =>
    judged(
      {
        kind: 'wacht',
        gatewayUrl: raw.gateway_url,
        principal: raw.principal,
        app: raw.app,
        requiredPermissions: raw.required_permissions,
        machineTokens: raw.machine_tokens,
        timeoutMs: raw.timeout,
        ...raw.cache,
      },
      issuerOf(raw),
    ),
  )

export const httpVerdicts = z
  .strictObject({
    verifier: verifierIs('http'),
    ...usual,
    endpoint: endpointUrl.describe('Where to ask: https, or http on this machine.'),
    token: secret.describe('What the gateway shows there, as a bearer token.').optional(),
    audience: z
      .enum(['required', 'implied_by_endpoint'])
      .describe(
        'Whether an answer must name our audience. `implied_by_endpoint` takes an answer without one as meant for us: only when this endpoint answers for nobody else.',
      )
      .prefault('required'),
  })
  .transform((raw) =>
    judged(
      {
        kind: 'http',
        endpoint: raw.endpoint,
        token: raw.token,
        audience: raw.audience,
        timeoutMs: raw.timeout,
        ...raw.cache,
      },
      issuerOf(raw),
    ),
  )

export const customVerifier = z
  .strictObject({ verifier: verifierIs('custom'), ...usual })
  .transform((raw) => judged({ kind: 'custom', timeoutMs: raw.timeout, ...raw.cache }, issuerOf(raw)))

const INSTANT_WORDS = 'expected an instant such as 2027-06-30T00:00:00Z'
/** RFC 3339 §5.6, in UTC. */
const INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

const staticKey = z
  .strictObject({
    name: name.describe('For warnings: which key it is.'),
    hash: keyHash.describe('`sha256:` and the hash of the key, from `portcullis hash-key`.'),
    subject: text.describe('Who holds the key.'),
    client: text.describe('The client id that the upstream is told. Absent: none.').optional(),
    scopes: z.array(scope).describe('What the key may do.').prefault([]),
    roles: z.array(text).describe('Roles, for policies.').prefault([]),
    expires: z
      .string(INSTANT_WORDS)
      .regex(INSTANT, { error: INSTANT_WORDS, abort: true })
      .refine((value) => !Number.isNaN(Date.parse(value)), INSTANT_WORDS)
      .describe('When the key ends, in UTC.'),
  })
  .transform(
    (raw): StaticKey => ({
      name: raw.name,
      sha256: raw.hash,
      subject: raw.subject,
      client: raw.client,
      scopes: raw.scopes,
      roles: raw.roles,
      expiresAt: Date.parse(raw.expires) / 1000,
    }),
  )

/** `issuer` is filled in from the name. */
export const staticKeys = z
  .strictObject({
    verifier: verifierIs('static_keys'),
    keys: z
      .array(staticKey)
      .min(1)
      .describe('Keys for machines: long random words, of which only hashes stand here.'),
  })
  .transform((raw) => judged({ kind: 'static_keys', keys: raw.keys, ...cache.parse({}) }, { issuer: '' }))

/** What `x-mcp-issuer` says of such keys: no URL, because nobody can be asked about them. */
export function staticKeysIssuer(issuerName: string): string {
  return `urn:portcullis:static-keys:${issuerName}`
}
