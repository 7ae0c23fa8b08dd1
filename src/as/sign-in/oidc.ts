// Signing in through an OpenID Connect provider: discovery, code flow with PKCE, ID token with nonce, userinfo.
import * as client from 'openid-client'
import type { ProviderSettings } from '../../core/settings-as.ts'
import { toIdentity } from './claims.ts'
import { authorizationUrl, outcomeOf, ProviderAnswerError, redeem } from './code-flow.ts'
import { createDiscovery } from './discovery.ts'
import type { Line } from './line.ts'
import type { OutsideProvider } from './provider.ts'

export type OidcSettings = ProviderSettings & { readonly issuer: string }

export interface OidcParts {
  readonly line: Line
  readonly now: () => number
}

export function createOidcProvider(settings: OidcSettings, { line, now }: OidcParts): OutsideProvider {
  const discover = createDiscovery({ ...settings, line, now })
  return {
    name: settings.name,
    label: settings.label,
    shares: settings.scopes,
    begin: (redirectUri, pending, fresh) =>
      outcomeOf(async () =>
        authorizationUrl(await discover(), pending, {
          redirect_uri: redirectUri,
          scope: settings.scopes.join(' '),
          nonce: pending.nonce,
          ...(fresh ? { prompt: 'login' } : {}),
        }),
      ),
    finish: (callback, pending) =>
      outcomeOf(async () => {
        const config = await discover()
        const tokens = await redeem(config, callback, pending, true)
        const claims = tokens.claims()
        if (claims === undefined) throw new ProviderAnswerError('no ID token')
        const more = await userinfo(config, tokens.access_token, claims.sub)
        return toIdentity({ ...more, ...claims }, settings.claims)
      }),
  }
}

/** G11: an answer must be a success, of JSON, about the very subject of the ID token (OIDC Core §5.3.2). */
async function userinfo(config: client.Configuration, accessToken: string, subject: string): Promise<object> {
  const isOffered = config.serverMetadata().userinfo_endpoint !== undefined
  return isOffered ? await client.fetchUserInfo(config, accessToken, subject) : {}
}
