// What oidc-provider tells of its own accord, turned into events for the audit, counts of failures, and faults for the
// log. Nothing that is reported here holds a token, a code or a secret.
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import type { AuthorizationEventName } from '../events.ts'
import type { EngineParts } from './parts.ts'

export function reportEvents(provider: Provider, { allowances, faults, onEvent }: EngineParts): void {
  const failed = (path: string) => (context: KoaContextWithOIDC, error: { readonly error: string }) => {
    if (!EXPECTED.has(error.error)) allowances.failures.get(path)?.take(context.ip)
  }
  provider.on('grant.error', failed(PATHS.token))
  provider.on('revocation.error', failed(PATHS.revocation))
  provider.on('introspection.error', failed(PATHS.introspection))
  provider.on('server_error', (context, error) => void faults.set(context.req, error))
  provider.on('registration_create.success', (context, client) =>
    onEvent({
      event: 'client_registered',
      actor: `client ${client.clientId}`,
      client: client.clientId,
      address: context.ip,
    }),
  )
  provider.on('registration_update.success', (context, client) =>
    onEvent({
      event: 'client_changed',
      actor: `client ${client.clientId}`,
      client: client.clientId,
      address: context.ip,
    }),
  )
  provider.on('registration_delete.success', (context, client) =>
    onEvent({
      event: 'client_removed',
      actor: `client ${client.clientId}`,
      client: client.clientId,
      address: context.ip,
    }),
  )
  provider.on('grant.revoked', (context, grant) => {
    const client = context.oidc.client?.clientId
    onEvent({
      event: reasonOf(context.oidc.route, context.oidc.params?.['grant_type']),
      actor: client === undefined ? 'server' : `client ${client}`,
      grant,
      address: context.ip,
      ...(client === undefined ? {} : { client }),
    })
  })
}

/**
 * What a client hears on its usual way, and nobody learns by guessing: RFC 8628 §3.5, while the person of a device has
 * not answered (the pace of asking is another limit); RFC 9449 §8, when its proof needs a nonce.
 */
const EXPECTED: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down', 'use_dpop_nonce'])

/** H18, A10, A15: at the token endpoint only what was used before ends a grant. */
function reasonOf(route: string, grantType: unknown): AuthorizationEventName {
  if (route !== 'token') return 'revoked'
  return grantType === 'refresh_token' ? 'refresh_reused' : 'code_replayed'
}
