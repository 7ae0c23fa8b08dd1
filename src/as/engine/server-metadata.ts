// The metadata of this server (RFC 8414 §2, OpenID Connect Discovery §3; AS-07, META-01 to META-09). It is made
// of configuration only; no request changes it (A48).

import { PATHS } from '../../core/authorization-paths.ts'
import type { Branding } from '../../core/branding.ts'
import type { AuthorizationServerSettings } from '../../core/settings-as.ts'
import type { Resources } from '../contract.ts'

export interface ServerMetadataOptions {
  readonly issuer: string
  readonly settings: AuthorizationServerSettings
  readonly branding: Branding
  readonly resources: Resources
  /** RFC 9728 §4 */
  readonly protectedResources: readonly string[]
}

export const ASSERTION_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const
export const CLIENT_AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const

export function serverMetadata(options: ServerMetadataOptions): Readonly<Record<string, unknown>> {
  const { issuer, settings, resources, branding } = options
  const { registration } = settings
  return {
    issuer,
    authorization_endpoint: issuer + PATHS.authorization,
    token_endpoint: issuer + PATHS.token,
    jwks_uri: issuer + PATHS.jwks,
    ...(registration.dynamic ? { registration_endpoint: issuer + PATHS.registration } : {}),
    revocation_endpoint: issuer + PATHS.revocation,
    introspection_endpoint: issuer + PATHS.introspection,
    device_authorization_endpoint: issuer + PATHS.deviceAuthorization,
    end_session_endpoint: issuer + PATHS.endSession,
    // `offline_access` is accepted: but where it is advertised, SDKs ask for it, and with it for a page at every sign-in.
    scopes_supported: [...resources.scopes, 'openid'],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    code_challenge_methods_supported: ['S256'], // META-04
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS, // XDP-05
    authorization_response_iss_parameter_supported: true, // RFC 9207 §3
    client_id_metadata_document_supported: registration.clientIdMetadata.enabled,
    protected_resources: options.protectedResources, // META-08
    subject_types_supported: ['public'], // META-07
    id_token_signing_alg_values_supported: ['ES256'],
    claims_supported: ['sub', 'iss', 'auth_time'],
    ...(branding.privacy === undefined ? {} : { op_policy_uri: branding.privacy }),
    ...(branding.terms === undefined ? {} : { op_tos_uri: branding.terms }),
  }
}
