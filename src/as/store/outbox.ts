// What commands did to the data, until a gateway that serves it has written it into its audit. In the same file, so
// that a change and its record are one transaction. Holds no token, secret or password.
import type { AuthorizationEvent } from '../events.ts'

export interface StoredEvent extends AuthorizationEvent {
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Outbox {
  put(event: AuthorizationEvent): Promise<void>
  /** Oldest first, each of them once, whoever asks. */
  take(): Promise<readonly StoredEvent[]>
}
