// Tells the embedded server which scopes a call with its token lacked, so that it may ask the person.
import type { AuthorizationServer } from '../as/contract.ts'
import type { RouteSettings, Settings } from '../core/settings.ts'
import type { ReportMissingScopes } from '../exchange/route.ts'

/** Reports only for tokens that a person granted at this server. */
export function reportMissingScopes(
  server: AuthorizationServer,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
  { path, policy }: RouteSettings,
): ReportMissingScopes {
  return ({ issuer, subject, clientId, expiresAt, claims }, missing) => {
    const { jti, grant_id: grantId } = claims
    if (issuer !== server.issuer || clientId === undefined) return
    if (typeof jti !== 'string' || typeof grantId !== 'string') return
    server.noteRefused({
      ...{ subject, clientId, grantId, token: jti, tokenExpiresAt: expiresAt * 1_000, missing },
      resource: publicUrl + path,
      isChallenged: policy.challenge === 'http',
    })
  }
}
