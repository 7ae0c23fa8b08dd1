// What oidc-provider tells of its own accord, turned into events for the audit, counts of failures, and faults for the
// log. Nothing that is reported here holds a token, a code or a secret.
import type { IncomingMessage } from 'node:http'
import type Provider from 'oidc-provider'
import type { Client, KoaContextWithOIDC } from 'oidc-provider'
import { PATHS } from '../../core/authorization-paths.ts'
import type { AuthorizationEventName, OnEvent } from '../events.ts'
import type { AddressLimits } from './address-limits.ts'
import type { ReportRefusal } from './request-context.ts'

export interface ReportingParts {
  readonly addressLimits: AddressLimits
  /** What oidc-provider has answered with `server_error`, by request: thrown once it has answered. */
  readonly faults: WeakMap<IncomingMessage, unknown>
  readonly onEvent: OnEvent
  readonly reportRefusal: ReportRefusal
}

export function reportEvents(
  provider: Provider,
  { addressLimits, faults, onEvent, reportRefusal }: ReportingParts,
): void {
  const counted = (path: string) => (context: KoaContextWithOIDC, error: OidcError) => {
    if (error.error === STEP_UP) return
    if (!EXPECTED.has(error.error)) void addressLimits.failures.get(path)?.take(context.ip)
    refused(context, error)
  }
  const refused = (context: KoaContextWithOIDC | undefined, error: OidcError) => {
    const { error: reason, error_detail: detail } = error
    const client = context?.oidc?.client?.clientId
    reportRefusal({ reason, client, detail: FIXED_DETAILS.has(reason) ? detail : undefined })
  }
  provider.on('grant.error', counted(PATHS.token))
  provider.on('revocation.error', counted(PATHS.revocation))
  provider.on('introspection.error', counted(PATHS.introspection))
  for (const name of UNCOUNTED) provider.on(name as 'authorization.error', refused)
  provider.on('server_error', (context, error) => void faults.set(context.req, error))
  /** What a client does to its own registration. */
  const registered =
    (event: AuthorizationEventName) =>
    ({ ip: address }: KoaContextWithOIDC, { clientId: client }: Client) =>
      onEvent({ event, actor: `client ${client}`, client, address })
  provider.on('registration_create.success', registered('client_registered'))
  provider.on('registration_update.success', registered('client_changed'))
  provider.on('registration_delete.success', registered('client_removed'))
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

interface OidcError {
  readonly error: string
  readonly error_detail?: string | undefined
}

/** Refusals that count nothing beyond their request. */
const UNCOUNTED = [
  ...['authorization.error', 'device_authorization.error', 'code_verification.error', 'device_resume.error'],
  ...['registration_create.error', 'registration_read.error', 'registration_update.error'],
  ...[
    'registration_delete.error',
    'end_session.error',
    'end_session_confirm.error',
    'end_session_success.error',
  ],
] as const
/** Errors whose details are sentences of oidc-provider, without anything that a client sent. */
const FIXED_DETAILS: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_client'])

/**
 * These are no failures: every client hears them on its usual way, and a guess learns nothing from them. RFC 8628 §3.5,
 * while the person of a device has not answered (the pace of asking is another limit); RFC 9449 §8, when its proof
 * needs a nonce.
 */
const EXPECTED: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down', 'use_dpop_nonce'])

/** At the token endpoint step-up.ts answers this one, and puts it on record itself. */
const STEP_UP = 'interaction_required'

/** H18, A10, A15: at the token endpoint only what was used before ends a grant. */
function reasonOf(route: string, grantType: unknown): AuthorizationEventName {
  if (route !== 'token') return 'revoked'
  return grantType === 'refresh_token' ? 'refresh_reused' : 'code_replayed'
}
