// The shape of `authorization_server`: the server in this process that signs tokens for our routes. What has to agree
// with issuers and routes is in check-as.ts.
import { z } from 'zod'
import type { AuthorizationServerSettings } from '../core/settings-as.ts'
import { isPostgresUrl, readPostgresUrl } from '../lib/postgres-url.ts'
import { endpointUrl, host } from './addresses.ts'
import { count, name, pemPath, rate, scope, scopeList, seconds, text } from './scalars.ts'
import { provider } from './schema-as-provider.ts'
import { sealingKey } from './sealing-key.ts'

const clientIdMetadata = z.strictObject({
  enabled: z
    .boolean()
    .describe('Whether a client may be known by the https URL of its metadata document.')
    .prefault(true),
  allow_private_hosts: z
    .array(host)
    .describe(
      'Hosts whose documents are fetched although their addresses are private or they name a port. Whoever names such a URL as a client makes the gateway call it.',
    )
    .prefault([]),
  ca: pemPath
    .describe('`file:` with the certificate authorities to trust for documents instead of the usual ones.')
    .optional(),
})

const SCHEME_WORDS = 'expected a scheme of a program, such as vscode, in small letters and without a colon'
/** RFC 3986 §3.1; those that a browser treats in a way of its own belong to no program. */
const NO_PROGRAM =
  /^(?:https?|wss?|ftps?|file|filesystem|data|blob|javascript|vbscript|about|view-source|mailto|tel|sms|intent)$/
const redirectScheme = z
  .string(SCHEME_WORDS)
  .regex(/^[a-z][a-z0-9+.-]{1,63}$/, SCHEME_WORDS)
  .refine((scheme) => !NO_PROGRAM.test(scheme), SCHEME_WORDS)

const registration = z.strictObject({
  dynamic: z.boolean().describe('Whether clients may register themselves (RFC 7591).').prefault(true),
  client_id_metadata: clientIdMetadata
    .describe('Clients that are known by a metadata document.')
    .prefault({}),
  redirect_schemes: z
    .array(redirectScheme)
    .describe(
      'Schemes of programs whose redirect addresses may be registered, such as `vscode` or `com.example.app`. Any program on the device can claim one, so the person is asked each time.',
    )
    .prefault([]),
  max_clients: count(1, 1_000_000).describe('How many registered clients are kept.').prefault(1_000),
  unused_ttl: seconds('1h', '366d')
    .describe('A registered client that nobody used for so long is removed.')
    .prefault('30d'),
})

const limits = z.strictObject({
  registrations: rate.describe('Registrations of clients.').prefault('100/h'),
  authorizations: rate
    .describe('Authorizations begun, and the pages `/device` and `/end_session`, together.')
    .prefault('300/15min'),
  devices: rate.describe('Devices that ask for a code.').prefault('100/15min'),
  documents: rate.describe('Metadata documents of clients fetched.').prefault('60/min'),
  user_codes: rate.describe('Wrong user codes of devices.').prefault('5/min'),
  failures: rate
    .describe('Refused requests at `/token`, `/revoke` and `/introspect`, each by itself.')
    .prefault('300/15min'),
})

const signIn = z.strictObject({
  passwords: z.boolean().describe('Sign-in with a name and a password kept here.').prefault(true),
  passkeys: z
    .boolean()
    .describe(
      'Sign-in of people with an account here with a passkey (WebAuthn): beside the password, or, with `passwords: false`, the only way. None where the host of `public_url` is an IP address. Absent: as `passwords`.',
    )
    .optional(),
  reauthenticate_after: seconds('1h', '366d')
    .describe(
      'After this time, people who signed in through a provider must do so again; until then their tokens and refreshes are refused. Absent: never.',
    )
    .optional(),
  providers: z
    .record(name, provider)
    .describe('Outside providers that people may sign in with, by a name of your own.')
    .prefault({}),
})

const who = z.strictObject({
  subjects: z.array(text).describe('Subjects as tokens name them; `*` is everybody.').prefault([]),
  domains: z.array(text).describe('Domains of verified e-mail addresses.').prefault([]),
  groups: z.array(text).describe('Groups, or organisations, that the provider names.').prefault([]),
  providers: z
    .array(text)
    .describe('Providers of `sign_in` whose word on domains and groups counts. Absent: every one.')
    .prefault([]),
})

const grant = z.strictObject({
  who: who.describe('Whom this is for; one fitting entry is enough.'),
  scopes: scopeList.describe('What they may be given.'),
})

const resource = z
  .strictObject({
    resource: endpointUrl.describe('Its URL, as clients name it (RFC 8707); the audience of its tokens.'),
    scopes: scopeList.describe('Every scope that it knows.'),
    baseline: scopeList.describe('Given to a client that asks for none. Absent: nothing.').optional(),
  })
  .transform((raw) => {
    const baseline = raw.baseline ?? []
    return { resource: raw.resource, baseline, scopes: [...new Set([...baseline, ...raw.scopes])] }
  })

const dataPlace = text.superRefine((value, context) => {
  const read = isPostgresUrl(value) ? readPostgresUrl(value) : undefined
  if (read?.ok === false) context.addIssue({ code: 'custom', message: read.problem })
})

export const authorizationServer = z
  .strictObject({
    data: dataPlace
      .describe(
        'Where clients, grants and people are kept: the path of a SQLite file, relative to the folder of gateway.yaml, or `postgres://USER:PASSWORD@HOST:5432/DATABASE`, which several gateways may share. `file:` reads it from a file.',
      )
      .prefault('.portcullis/as.sqlite'),
    pool_size: count(2, 1_000)
      .describe(
        'Connections to PostgreSQL that requests share, of each process; one more listens for changes.',
      )
      .prefault(10),
    cookie_secret: sealingKey
      .describe(
        'Seals cookies and the data: at least 32 random bytes. Absent: made once and kept beside the SQLite file.',
      )
      .optional(),
    access_token_ttl: seconds('1m', '24h').describe('How long an access token lives.').prefault('1h'),
    refresh_token_ttl: seconds('1h', '366d')
      .describe('How long a refresh token lives when nobody uses it.')
      .prefault('14d'),
    code_ttl: seconds('10s', '10m')
      .describe('How long an authorization code may wait for its client (RFC 6749 §4.1.2: at most 10m).')
      .prefault('60s'),
    client_secret_ttl: seconds('1h', '3660d')
      .describe(
        'How long the secret of a client that registers itself is good; it is told with the secret. Absent: as long as the client.',
      )
      .optional(),
    resources: z
      .array(resource)
      .describe(
        'MCP servers of other origins that take tokens of this server: by its keys, or by asking it as a confidential client.',
      )
      .prefault([]),
    refresh_token_grace: seconds('0s', '60s')
      .describe('How long a client may repeat its last refresh and gets the same answer. `0s`: not at all.')
      .prefault('10s'),
    step_up: z
      .enum(['ask', 'off'], 'expected ask or off')
      .describe(
        'A client that refreshes right after a 403 `insufficient_scope` is answered once with `interaction_required`, and the next consent page offers those scopes. `off`: neither.',
      )
      .prefault('ask'),
    registration: registration.describe('How clients become known.').prefault({}),
    limits: limits
      .describe('What one network may do; over it 429. Of an IPv6 address its /64 is counted.')
      .prefault({}),
    sign_in: signIn.describe('How people prove who they are.').prefault({}),
    grants: z
      .array(grant)
      .min(1)
      .describe(
        'Who may be given which scopes; checked again at each call and each refresh. Absent: everybody who may sign in, every scope of the routes.',
      )
      .optional(),
    scopes: z.record(scope, text).describe('The words for each scope on the consent page.').prefault({}),
  })
  .transform(
    (raw): AuthorizationServerSettings => ({
      data: raw.data,
      poolSize: raw.pool_size,
      cookieSecret: raw.cookie_secret,
      accessTokenTtlSeconds: raw.access_token_ttl,
      refreshTokenTtlSeconds: raw.refresh_token_ttl,
      codeTtlSeconds: raw.code_ttl,
      clientSecretTtlSeconds: raw.client_secret_ttl,
      resources: raw.resources,
      refreshTokenGraceSeconds: raw.refresh_token_grace,
      stepUp: raw.step_up,
      registration: {
        dynamic: raw.registration.dynamic,
        redirectSchemes: raw.registration.redirect_schemes,
        clientIdMetadata: {
          enabled: raw.registration.client_id_metadata.enabled,
          allowPrivateHosts: raw.registration.client_id_metadata.allow_private_hosts,
          ca: raw.registration.client_id_metadata.ca,
        },
        maxClients: raw.registration.max_clients,
        unusedTtlSeconds: raw.registration.unused_ttl,
      },
      limits: {
        registrations: raw.limits.registrations,
        authorizations: raw.limits.authorizations,
        devices: raw.limits.devices,
        documents: raw.limits.documents,
        userCodes: raw.limits.user_codes,
        failures: raw.limits.failures,
      },
      signIn: {
        passwords: raw.sign_in.passwords,
        passkeys: raw.sign_in.passkeys,
        reauthenticateAfterSeconds: raw.sign_in.reauthenticate_after,
        providers: new Map(
          Object.entries(raw.sign_in.providers).map(([key, parsed]) => [
            key,
            { ...parsed, name: key, label: parsed.label ?? key },
          ]),
        ),
      },
      grants: raw.grants,
      scopes: new Map(Object.entries(raw.scopes)),
    }),
  )
