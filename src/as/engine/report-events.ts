// What oidc-provider tells of its own accord, turned into events for the audit, counts, and faults for the log. Nothing that is reported here holds a
// token, a code or a secret.
import type Provider from 'oidc-provider'
import type { AuthorizationEventName } from '../events.ts'
import type { EngineParts } from './parts.ts'

export function reportEvents(provider: Provider, { onEvent, onFault, allowances }: EngineParts): void {
  provider.on('server_error', (_context, error) => onFault(error))
  provider.on('grant.error', (context, error) => {
    if (!WAITING.has(error.error)) allowances.failures.take(context.ip)
  })
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

/** RFC 8628 §3.5: what a device hears while its person has not answered; the pace of asking is another limit. */
const WAITING: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down'])

/** H18, A10, A15: at the token endpoint only what was used before ends a grant. */
function reasonOf(route: string, grantType: unknown): AuthorizationEventName {
  if (route !== 'token') return 'revoked'
  return grantType === 'refresh_token' ? 'refresh_reused' : 'code_replayed'
}
