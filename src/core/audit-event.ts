// What is told to the audit beside calls: who did what, in named values that are safe to keep.

/** The start, a change of a file, a SIGHUP, somebody at the admin port, or the program that embeds the gateway. */
export type LoadCause = 'start' | 'file' | 'signal' | 'admin' | 'program'

/** Names of people and clients, never a token or a secret. */
export interface AuditEvent {
  readonly event: string
  /** Who did it: a subject, `client <id>`, `operator <login name>`, or `server` for what happens by itself. */
  readonly actor: string
  readonly subject?: string
  /** Of the subject, where it is not the only one: the issuer at which an operator signed in. */
  readonly issuer?: string
  readonly client?: string
  readonly grant?: string
  /** Address of the caller, where there is one. */
  readonly address?: string
  /** The path that was asked, where something was refused. */
  readonly endpoint?: string
  /** Why it was refused: an error code of OAuth, or a word of ours. */
  readonly reason?: string
  readonly detail?: string
  /** What made the policies be loaded. */
  readonly cause?: LoadCause
  /** Digests of all policies, before and after a change. */
  readonly before?: string
  readonly after?: string
  /** The id of the request in which it happened. */
  readonly requestId?: string
  /** Epoch milliseconds, when it was not just now. */
  readonly at?: number
}
