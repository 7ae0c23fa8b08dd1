// Sessions of operators in browsers, in the memory of the process that has the administration port. The browser has a
// random id, of which only the digest is kept; it stands for nothing but its session, and no token can be had from it.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Operator } from '../core/operator.ts'
import { createSharedTable } from '../core/shared-table.ts'

/** Without a request. */
const IDLE_MS = 30 * 60_000
/** In all. */
const ABSOLUTE_MS = 12 * 60 * 60_000
/** Of all operators; where it is full, whoever has the most loses the oldest. */
const MAX_SESSIONS = 512
/** Of one operator, who loses the oldest of their own. */
const MAX_SESSIONS_OF_ONE = 16

export interface OperatorSession {
  readonly operator: Operator
  /** What a form of its pages sends back. */
  readonly formToken: string
  /** When it began, in epoch milliseconds. */
  readonly since: number
}

export interface OperatorSessions {
  /** @param given what gave the operator their rights: when it changes, the session is over */
  begin(operator: Operator, given: string): { readonly id: string; readonly lifeSeconds: number }
  /** Undefined when there is none, or it is over. `isUse`: whether it goes on because of that. */
  find(id: string, given: string, isUse: boolean): OperatorSession | undefined
  end(id: string): void
}

interface Kept extends OperatorSession {
  readonly given: string
  /** On a clock that is never set back. */
  readonly beganAt: number
  usedAt: number
}

/** @param monotonic returns milliseconds of a clock that is never set back */
export function createOperatorSessions(monotonic: () => number = () => performance.now()): OperatorSessions {
  const sessions = createSharedTable<Kept>({ size: MAX_SESSIONS, share: MAX_SESSIONS_OF_ONE })
  const keyOf = (id: string) => hash('sha256', id)
  return {
    begin(operator, given) {
      const id = randomWord()
      const now = monotonic()
      const session = {
        operator,
        given,
        formToken: randomWord(),
        since: Date.now(),
        beganAt: now,
        usedAt: now,
      }
      sessions.set(keyOf(id), ownerOf(operator), session)
      return { id, lifeSeconds: ABSOLUTE_MS / 1_000 }
    },
    find(id, given, isUse) {
      const key = keyOf(id)
      const session = sessions.get(key)
      if (session === undefined) return undefined
      const now = monotonic()
      const isOver = now - session.beganAt >= ABSOLUTE_MS || now - session.usedAt >= IDLE_MS
      if (isOver || session.given !== given) {
        sessions.delete(key)
        return undefined
      }
      if (isUse) session.usedAt = now
      return session
    },
    end: (id) => sessions.delete(keyOf(id)),
  }
}

function ownerOf({ name, issuer = '' }: Operator): string {
  return `${issuer} ${name}`
}

/** 256 bits, in letters, digits, `-` and `_`. */
export function randomWord(): string {
  return randomBytes(32).toString('base64url')
}

/** In constant time. */
export function isSameWord(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}
