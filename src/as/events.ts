// What the authorization server reports: who did what to whom. The gateway writes each as a record of its audit.
// Never a token, a code, a secret or a password.
import type { AuditEvent } from '../core/audit-event.ts'

export type AuthorizationEventName =
  | 'sign_in'
  | 'sign_in_refused'
  | 'refused'
  | 'signed_out'
  | 'sign_out_refused'
  | 'consent'
  | 'consent_refused'
  | 'consent_withdrawn'
  | 'client_registered'
  | 'client_changed'
  | 'client_removed'
  | 'device_code_removed'
  | 'step_up_asked'
  | 'step_up_offered'
  | 'refresh_reused'
  | 'code_replayed'
  | 'revoked'
  | 'key_rotated'
  | 'secret_rotated'
  | 'user_added'
  | 'user_disabled'
  | 'user_gone'
  | 'user_enabled'
  | 'user_reset'
  | 'password_changed'
  | 'password_removed'
  | 'passkey_added'
  | 'passkey_removed'
  | 'data_restored'

export interface AuthorizationEvent extends AuditEvent {
  readonly event: AuthorizationEventName
}

export type OnEvent = (event: AuthorizationEvent) => void

/** A bug, or a broken machine: for the log, since the client hears only that something failed. */
export type OnFault = (error: unknown) => void
