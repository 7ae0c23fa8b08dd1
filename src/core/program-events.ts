// What happens to programs behind routes, as far as operators want to hear of it. The messages are the gateway's own words,
// but for what a program itself wrote.

/** Why a message of a program reached nobody. */
export type DroppedMessage =
  /** It belongs to no single call, and several callers share the program. */
  | 'shared'
  /** A request to a client, of a program that several callers share. */
  | 'request'
  /** Nobody waits for it: the call is over, or never was. */
  | 'late'
  /** Nobody listened, and there was no room to keep it. */
  | 'unheard'
  /** A line that is no JSON-RPC message. */
  | 'unreadable'

export interface ProgramEvents {
  started(route: string): void
  /** `died`: by itself; `ended`: the gateway ended it. */
  gone(route: string, how: 'died' | 'ended'): void
  dropped(route: string, why: DroppedMessage): void
  /** For the log. */
  tell(level: 'info' | 'warn', fields: ProgramFields, message: string): void
}

export interface ProgramFields {
  readonly event: string
  readonly route?: string
  /** Its process id. */
  readonly pid?: number | undefined
  /** What it wrote, with secrets replaced. */
  readonly line?: string
}
