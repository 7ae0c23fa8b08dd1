// Links with which an operator lets somebody in again who has no other way: one for each person, kept as a digest, used once.
// Who the person is, and whether they may come in, stands elsewhere.
import { hash } from 'node:crypto'

/** How long such a link is good. */
export const RESET_SECONDS = 60 * 60

export interface Resets {
  /** In place of an earlier one. @param goneAt epoch milliseconds */
  start(subject: string, token: string, goneAt: number): Promise<void>
  /** Whose the token is; undefined when it is over, or was used. */
  find(token: string): Promise<string | undefined>
  /** False when the person has none. */
  end(subject: string): Promise<boolean>
}

export function resetDigest(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
