// Where people are signed in at this server, one for each browser. A browser proves itself by the key in its cookie, of which
// a digest stands here (A51). Whoever is signed out has no login session any more, so nothing else has to be remembered.
import { hash } from 'node:crypto'
import type { Seal } from '../../lib/seal.ts'

export interface LoginSession {
  /** A name, no credential: it stays the same while the person proves themselves again and again in that browser. */
  readonly id: string
  readonly subject: string
  /** In words, such as `Firefox on Linux`. */
  readonly browser: string
  /** Where it was signed in from. */
  readonly address: string
  /** Epoch milliseconds, as all times here. */
  readonly beganAt: number
  /** When the person last proved who they are. */
  readonly provedAt: number
  /** To some minutes. */
  readonly usedAt: number
}

export interface NewLoginSession extends Omit<LoginSession, 'beganAt' | 'provedAt' | 'usedAt'> {
  /** What the cookie will hold. */
  readonly key: string
  /** It ends after so long without use. */
  readonly lifeSeconds: number
}

export interface LoginSessions {
  /**
   * Begins one now, or notes that its person proved themselves again: then it keeps its age, lasts at least as long as before,
   * and the key from before is worth nothing. Whoever has too many loses the one that was used least lately.
   */
  save(session: NewLoginSession): Promise<void>
  /** Undefined when it is over, ended, or the key is another one. */
  find(id: string, key: string): Promise<LoginSession | undefined>
  /** The same for whoever has proved otherwise that it is theirs. */
  isAlive(id: string): Promise<boolean>
  /** Used last, first. */
  list(subject: string): Promise<readonly LoginSession[]>
  /** Notes that it was used now. */
  touch(id: string): Promise<void>
  /** False when the person has none of this id. */
  end(subject: string, id: string): Promise<boolean>
  /** Ends all of the person but one. How many there were. */
  endOthers(subject: string, id: string): Promise<number>
}

/** A browser that is signed in for clients and routes, when nobody uses it. */
export const SIGN_IN_SECONDS = 14 * 86_400
/** Of one person. */
export const MAX_LOGIN_SESSIONS = 50
/** Use is noted this often, since each note is a write. */
export const NOTE_USE_MS = 300_000

export function loginKeyDigest(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}

/** What of it is for the person alone. */
export function sealLoginSession({ id, browser, address }: NewLoginSession, seal: Seal): Buffer {
  return seal.seal(JSON.stringify([browser, address]), loginSessionPlace(id))
}

/** Undefined when there is no row, or it was sealed with another secret. */
export function toLoginSession(
  row: Readonly<Record<string, unknown>> | undefined,
  seal: Seal,
): LoginSession | undefined {
  if (row === undefined) return undefined
  const id = String(row['id'])
  const opened = seal.open(row['payload'] as Uint8Array, loginSessionPlace(id))
  if (opened === undefined) return undefined
  const [browser, address] = JSON.parse(opened) as [string, string]
  return {
    id,
    subject: String(row['subject']),
    browser,
    address,
    beganAt: Number(row['began_at']),
    provedAt: Number(row['proved_at']),
    usedAt: Number(row['used_at']),
  }
}

function loginSessionPlace(id: string): string {
  return `LoginSession ${id}`
}
