// What the authorization server reports: who did what to whom. The gateway writes each as a record of its audit.
// Never a token, a code, a secret or a password.

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
  | 'password_changed'

export interface AuthorizationEvent {
  readonly event: AuthorizationEventName
  /** Who did it: a subject, `client <id>`, `operator <login name>`, or `server` for what happens by itself. */
  readonly actor: string
  readonly subject?: string
  readonly client?: string
  readonly grant?: string
  /** Address of the caller, where there is one. */
  readonly address?: string
  /** The path that was asked, where something was refused. */
  readonly endpoint?: string
  /** Why it was refused: an error code of OAuth, or a word of ours. */
  readonly reason?: string
  readonly detail?: string
  /** Of the request that it happened in. */
  readonly requestId?: string
  /** Epoch milliseconds, when it was not just now. */
  readonly at?: number
}

export type OnEvent = (event: AuthorizationEvent) => void

/** A bug, or a broken machine: for the log, since the client hears only that something failed. */
export type OnFault = (error: unknown) => void
