// The shape of one outside provider that people may sign in with: OpenID Connect with `issuer`, plain OAuth 2.0 with
// three endpoints.
import { z } from 'zod'
import type { ProviderSettings } from '../core/settings-as.ts'
import { endpointUrl, issuerUrl } from './addresses.ts'
import { scope, secret, text } from './scalars.ts'
import { authorities, authorizationParameters, overrides } from './schema-reach.ts'

const endpoints = z.strictObject({
  authorization: endpointUrl.describe('Where people are sent to sign in.'),
  token: endpointUrl.describe('Where the code is exchanged.'),
  userinfo: endpointUrl.describe('Who the person is, as a JSON object.'),
})

const claims = z.strictObject({
  subject: text.describe('Who the person is, for good.').optional(),
  name: text.describe('What the person is called.').prefault('name'),
  email: text.describe('The e-mail address.').prefault('email'),
  groups: text.describe('Groups or organisations.').prefault('groups'),
})

const list = (description: string) => z.array(text).describe(description).prefault([])

const allow = z.strictObject({
  subjects: list('Subjects at the provider; `*` is everybody it knows.'),
  domains: list('Domains of verified e-mail addresses.'),
  groups: list('Groups.'),
  organizations: list('Organisations.'),
})

export const provider = z
  .strictObject({
    label: text.describe('The words on the button. Absent: the name.').optional(),
    issuer: issuerUrl.describe('The issuer of an OpenID Connect provider.').optional(),
    endpoints: endpoints.describe('Of a provider that only speaks OAuth 2.0, such as GitHub.').optional(),
    allow_insecure_issuer: z.boolean().describe('Allows plain http on this machine.').prefault(false),
    ca: authorities,
    overrides,
    client_id: text.describe('The client that the gateway is at this provider.'),
    client_secret: secret.describe('Its secret. Absent: a public client.').optional(),
    scopes: z
      .array(scope)
      .describe('What is asked for. Absent: `openid email profile` of OpenID Connect, nothing of OAuth 2.0.')
      .optional(),
    authorization_parameters: authorizationParameters.prefault({}),
    claims: claims.describe('What its claims are called.').prefault({}),
    trust_email: z
      .boolean()
      .describe(
        'Takes a missing `email_verified` for true, for `domains`: Entra of one tenant sends none. Never for an issuer that strangers can join.',
      )
      .prefault(false),
    check_on_refresh: z
      .boolean()
      .describe(
        'Keeps the refresh token of this provider, and asks it when a client refreshes whether it still knows the person. If it says `invalid_grant`, every grant of the person ends. The refresh token must outlive a session: ask for `offline_access`.',
      )
      .prefault(false),
    allow: allow.describe('Who may sign in; one fitting entry is enough, and without any nobody may.'),
  })
  .transform((raw): Omit<ProviderSettings, 'name' | 'label'> & { readonly label: string | undefined } => ({
    label: raw.label,
    issuer: raw.issuer,
    endpoints: raw.endpoints,
    allowInsecureIssuer: raw.allow_insecure_issuer,
    ca: raw.ca,
    overrides: raw.overrides,
    clientId: raw.client_id,
    clientSecret: raw.client_secret,
    scopes: raw.scopes ?? (raw.issuer === undefined ? [] : ['openid', 'email', 'profile']),
    parameters: raw.authorization_parameters,
    claims: { ...raw.claims, subject: raw.claims.subject ?? (raw.issuer === undefined ? 'id' : 'sub') },
    trustEmail: raw.trust_email,
    checkOnRefresh: raw.check_on_refresh,
    allow: raw.allow,
  }))
