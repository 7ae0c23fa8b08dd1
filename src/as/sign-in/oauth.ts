// Signing in through a plain OAuth 2.0 provider with a user API, as GitHub has it. There is no ID token: who somebody
// is comes from the API alone, asked with the token that this very sign-in got.
import * as client from 'openid-client'
import type { ProviderEndpoints, ProviderSettings } from '../../core/settings-as.ts'
import { hasMembers, parseJson } from '../../lib/json.ts'
import { textsOf, toIdentity } from './claims.ts'
import {
  authorizationUrl,
  outcomeOf,
  ProviderAnswerError,
  prepareConfiguration,
  redeemCode,
} from './code-flow.ts'
import type { FetchClient } from './fetch-client.ts'
import type { ExternalProvider } from './provider.ts'

export type OAuthSettings = ProviderSettings & { readonly endpoints: ProviderEndpoints }

export function createOAuthProvider(settings: OAuthSettings, fetchClient: FetchClient): ExternalProvider {
  const { endpoints, clientId, clientSecret, allowInsecureIssuer, scopes, parameters } = settings
  const secret = clientSecret?.reveal()
  const server = {
    issuer: new URL(endpoints.authorization).origin,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
  }
  const auth = secret === undefined ? client.None() : client.ClientSecretPost(secret)
  const config = prepareConfiguration(
    new client.Configuration(server, clientId, secret, auth),
    fetchClient,
    allowInsecureIssuer,
  )
  return {
    name: settings.name,
    label: settings.label,
    shares: scopes,
    begin: (redirectUri, pending) =>
      outcomeOf(() =>
        authorizationUrl(config, pending, {
          ...parameters,
          redirect_uri: redirectUri,
          scope: scopes.join(' '),
        }),
      ),
    probe: async () => undefined, // it has no metadata, and only a person can try the rest
    status: () => ({ name: settings.name, ready: true, ageMs: undefined, lastError: undefined }),
    close: fetchClient.close,
    finish: (callback, pending) =>
      outcomeOf(async () => {
        callback.searchParams.delete('iss') // no issuer is configured to hold it against; the path names the provider
        const { access_token: token } = await redeemCode(config, callback, pending, false)
        const user = await askApi(fetchClient, endpoints.userinfo, token)
        if (!hasMembers(user)) throw new ProviderAnswerError('userinfo is not an object')
        const email = scopes.includes('user:email') ? await verifiedEmail(fetchClient, endpoints, token) : {}
        const organizations = scopes.includes('read:org')
          ? await organizationsOf(fetchClient, endpoints, token)
          : []
        return toIdentity({ ...user, ...email }, settings, organizations)
      }),
  }
}

/** GitHub REST: `GET /user/emails`, which the scope `user:email` opens. */
async function verifiedEmail(
  fetchClient: FetchClient,
  { userinfo }: ProviderEndpoints,
  token: string,
): Promise<object> {
  const listed = await askApi(fetchClient, `${userinfo}/emails`, token)
  const emails = Array.isArray(listed) ? listed.filter(hasMembers) : []
  const primary = emails.find((one) => one['primary'] === true && one['verified'] === true)
  return primary === undefined ? { email_verified: false } : { email: primary['email'], email_verified: true }
}

/** GitHub REST: `GET /user/orgs`, which the scope `read:org` opens. */
async function organizationsOf(
  fetchClient: FetchClient,
  { userinfo }: ProviderEndpoints,
  token: string,
): Promise<string[]> {
  const listed = await askApi(fetchClient, `${userinfo}/orgs?per_page=100`, token)
  return textsOf((Array.isArray(listed) ? listed.filter(hasMembers) : []).map((one) => one['login']))
}

/** G11: 2xx and JSON, or nobody is signed in. */
async function askApi(fetchClient: FetchClient, url: string, token: string): Promise<unknown> {
  const answer = await fetchClient.ask(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'portcullis' },
  })
  if (!answer.ok) throw new ProviderAnswerError(`user API answered ${answer.status}`)
  const said = parseJson(await answer.text())
  if (said === undefined) throw new ProviderAnswerError('user API did not answer JSON')
  return said
}
