// The shape of one entry of `issuers`: who signs tokens, how they are checked, what their claims are called. What
// has to agree between keys is in check-issuers.ts.
import { z } from 'zod'
import type { ClaimNames, IntrospectionSettings, IssuerSettings } from '../core/settings.ts'
import { endpointUrl } from './addresses.ts'
import { secret, text } from './scalars.ts'
import { issuerIdentity, issuerOf, tokenBounds } from './schema-issuer-keys.ts'
import { overrides } from './schema-reach.ts'
import { cache, customVerifier, httpVerdicts, staticKeys, verifierIs, wacht } from './schema-verifier.ts'

const CLAIM_WORDS = 'expected the name of a claim, with dots for members: realm_access.roles'
export const claimPath = z.string(CLAIM_WORDS).regex(/^[^\s\x00-\x1f]{1,200}$/, CLAIM_WORDS)

function claimNames(description: string) {
  return z
    .union([claimPath, z.array(claimPath).min(1)])
    .transform((names): readonly string[] => (typeof names === 'string' ? [names] : names))
    .describe(description)
}

const claims = z
  .strictObject({
    subject: claimNames('Who the caller is, within the issuer.').prefault('sub'),
    scopes: claimNames('Granted scopes: a string with spaces, or a list.').prefault(['scope', 'scp']),
    client: claimNames('The OAuth client that asked for the token.').prefault(['client_id', 'azp']),
    roles: claimNames('Roles, for policies. Absent: none.').optional(),
  })
  .transform(({ roles, ...rest }): ClaimNames => ({ ...rest, roles: roles ?? [] }))

/** RFC 7662 §2 */
const introspection = z
  .strictObject({
    endpoint: endpointUrl.describe('Where to ask. Absent: from the metadata of the issuer.').optional(),
    auth: z
      .enum(['basic', 'post', 'private_key_jwt'])
      .describe('How the gateway proves itself at the endpoint (RFC 6749 §2.3.1, RFC 7523).')
      .prefault('basic'),
    client_id: text.describe('The client that the gateway is at this issuer.'),
    client_secret: secret.describe('For `basic` and `post`.').optional(),
    client_secret_next: secret
      .describe('Tried once when the first is refused, so that a secret can be changed without a gap.')
      .optional(),
    private_key: secret.describe('For `private_key_jwt`: PKCS #8 PEM, or a private JWK as JSON.').optional(),
    audience: z
      .enum(['required', 'implied_by_endpoint'])
      .describe(
        'Whether an answer must name our audience. `implied_by_endpoint` takes an answer without `aud` as meant for us: only when this endpoint answers for nobody else.',
      )
      .prefault('required'),
    cache: cache.describe('How long answers are kept.').prefault({}),
  })
  .transform(
    (raw): IntrospectionSettings => ({
      endpoint: raw.endpoint,
      auth: raw.auth,
      clientId: raw.client_id,
      clientSecret: raw.client_secret,
      clientSecretNext: raw.client_secret_next,
      privateKey: raw.private_key,
      audience: raw.audience,
      ...raw.cache,
    }),
  )

/** RFC 8725 §3.1, Y20: asymmetric only. With HS256 anyone who may verify may also sign; `none` signs nothing. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

const external = z
  .strictObject({
    verifier: verifierIs('jwt').optional(),
    ...issuerIdentity,
    overrides,
    validation: z
      .enum(['jwt', 'introspection', 'jwt_and_introspection', 'jwt_else_introspection'])
      .describe(
        '`jwt`: signature and claims decide. `introspection`: the issuer is asked. `jwt_and_introspection`: both must agree. `jwt_else_introspection`: keys decide for JWTs, the issuer for opaque tokens.',
      )
      .prefault('jwt'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .describe('Signature algorithms that are accepted. Never `none` or HS*.')
      .prefault(['RS256', 'PS256', 'ES256', 'EdDSA']),
    typ: z
      .enum(['any', 'at+jwt'])
      .describe('`any`: JWT, at+jwt or none; `at+jwt`: RFC 9068 access tokens only.')
      .prefault('any'),
    ...tokenBounds,
    single_audience: z
      .boolean()
      .describe('Refuse a token that names another audience beside ours.')
      .prefault(false),
    claims: claims
      .describe('What claims are called: one path or a list, of which the first present claim wins.')
      .prefault({}),
    introspection: introspection
      .describe('RFC 7662. Needed by every `validation` but `jwt`, and by rules with `require_active`.')
      .optional(),
  })
  .transform(
    (raw): Omit<IssuerSettings, 'name'> => ({
      ...issuerOf(raw),
      overrides: raw.overrides,
      validation: raw.validation,
      algorithms: raw.algorithms,
      typ: raw.typ,
      singleAudience: raw.single_audience,
      claims: raw.claims,
      introspection: raw.introspection,
    }),
  )

/** `issuer` is filled in from `public_url`. */
const embedded = z
  .strictObject({
    embedded: z
      .literal(true)
      .describe('The authorization server of this process, set up under `authorization_server`.'),
  })
  .transform(
    (): Omit<IssuerSettings, 'name'> => ({
      issuer: '',
      embedded: true,
      allowInsecureIssuer: false,
      validation: 'jwt',
      algorithms: ['ES256'],
      typ: 'at+jwt',
      leewaySeconds: 5,
      maxLifetimeSeconds: 86_400,
      singleAudience: true,
      allowedScopes: undefined,
      claims: { subject: ['sub'], scopes: ['scope'], client: ['client_id'], roles: [] },
      introspection: undefined,
    }),
  )

export const issuer = z.union([
  z.discriminatedUnion('verifier', [external, wacht, httpVerdicts, staticKeys, customVerifier]),
  embedded,
])
