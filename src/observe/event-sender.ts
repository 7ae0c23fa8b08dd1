// Where audit events go to another program that may be away: what the audit asks of whatever sends them.

export interface EventSender {
  /** `owner`: whose it is, where events have to be dropped. */
  send(line: string, owner: () => string): void
  /** Events that found no room, that the receiver refused, or that had nowhere to go at the end. */
  readonly lost: number
  /** Sends what waits, for a bounded time; the rest is lost. */
  close(): Promise<void>
}
