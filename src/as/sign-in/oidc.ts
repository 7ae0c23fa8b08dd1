// Signing in through an OpenID Connect provider: discovery, code flow with PKCE, ID token with nonce, userinfo.
import * as client from 'openid-client'
import type { ProviderSettings } from '../../core/settings-as.ts'
import { toIdentity } from './claims.ts'
import { authorizationUrl, outcomeOf } from './code-flow.ts'
import { createDiscovery } from './discovery.ts'
import type { FetchClient } from './fetch-client.ts'
import { redeemForIdToken } from './id-token.ts'
import type { ExternalProvider } from './provider.ts'

export type OidcSettings = ProviderSettings & { readonly issuer: string }

export interface OidcParts {
  readonly fetchClient: FetchClient
  readonly now: () => number
}

export function createOidcProvider(
  settings: OidcSettings,
  { fetchClient, now }: OidcParts,
): ExternalProvider {
  const discover = createDiscovery({ ...settings, fetchClient, now })
  return {
    name: settings.name,
    label: settings.label,
    shares: settings.scopes,
    begin: (redirectUri, pending, prompt) =>
      outcomeOf(async () =>
        authorizationUrl((await discover()).config, pending, {
          ...settings.parameters,
          redirect_uri: redirectUri,
          scope: settings.scopes.join(' '),
          nonce: pending.nonce,
          ...(prompt === undefined ? {} : { prompt }),
        }),
      ),
    async probe() {
      const found = await outcomeOf(async () => (await discover()).keys.reload())
      return found.ok ? undefined : found.detail
    },
    status: () => ({ name: settings.name, ...discover.status() }),
    close: fetchClient.close,
    finish: (callback, pending) =>
      outcomeOf(async () => {
        const known = await discover()
        const { tokens, claims } = await redeemForIdToken(known, callback, pending)
        const more = await userinfo(known.config, tokens.access_token, claims.sub)
        const identity = toIdentity(both(claims, more), settings)
        return settings.checkOnRefresh ? { ...identity, refreshToken: tokens.refresh_token } : identity
      }),
    ...(settings.checkOnRefresh
      ? {
          renew: (refreshToken) =>
            outcomeOf(async () => {
              const { config } = await discover()
              return (await client.refreshTokenGrant(config, refreshToken)).refresh_token
            }),
        }
      : {}),
  }
}

type Said = Readonly<Record<string, unknown>>

/** The ID token first. Whether an address was checked is for the answer to say that names this very address. */
function both(idToken: Said, userinfo: Said): Said {
  const said = { ...userinfo, ...idToken }
  const vouching = [idToken, userinfo].find(
    (one) => one['email'] === said['email'] && one['email_verified'] !== undefined,
  )
  return { ...said, email_verified: vouching?.['email_verified'] }
}

/** G11: an answer must be a success, of JSON, about the very subject of the ID token (OIDC Core §5.3.2). */
async function userinfo(config: client.Configuration, accessToken: string, subject: string): Promise<Said> {
  const isOffered = config.serverMetadata().userinfo_endpoint !== undefined
  return isOffered ? await client.fetchUserInfo(config, accessToken, subject) : {}
}
