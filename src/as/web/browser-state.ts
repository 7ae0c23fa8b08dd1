// What browser sessions need beside their cookie: a clock, the sealing secret, and the values that were used. It is in
// the store of the authorization server where there is one, else in memory.
import { hash, randomBytes } from 'node:crypto'
import { ofKind, type SingleUse } from '../store/single-use.ts'
import type { Store, StoreClock } from '../store/store.ts'
import { createEndedSessions, type EndedSession, type EndedSessions } from './ended-sessions.ts'
import { createSignInRate, type SignInRate } from './sign-in-rate.ts'

/** The ended sessions, in memory or in the store. */
export interface SessionEndings {
  end(session: EndedSession): Promise<boolean>
  has(session: EndedSession): Promise<boolean>
}

export interface BrowserState {
  readonly clock: StoreClock
  /** At least 32 bytes. */
  readonly secret: Buffer
  /** The `state` values of finished sign-ins. */
  readonly usedStates: SingleUse
  readonly endedSessions: SessionEndings
  /** Whether an error came from the store. */
  readonly isFault: Store['isFault']
  /** Counts sign-ins by network. */
  readonly signInRate: SignInRate
}

export function storedBrowserState(store: Store): BrowserState {
  const { clock, secret } = store
  const ended = ofKind(store.singleUses, 'ended session')
  return {
    clock,
    secret,
    isFault: store.isFault,
    usedStates: ofKind(store.singleUses, 'used login state'),
    signInRate: createSignInRate(clock),
    endedSessions: {
      end: async ({ id, endsAt }) => (await ended.use(id, endsAt)) !== 'full',
      has: ({ id }) => ended.has(id),
    },
  }
}

/**
 * In memory. When it is full, no sign-in comes back until some entries are over: no entry that still counts is dropped.
 */
const MAX_STATES = 10_000

/** State that a restart loses, also the secret when none is given. Made once, so that a reload forgets nothing. */
export function createBrowserStateInMemory(clock: StoreClock): (secret: Buffer | undefined) => BrowserState {
  const random = randomBytes(32)
  const shared = {
    clock,
    isFault: () => false,
    usedStates: createSingleUseInMemory(clock),
    endedSessions: toEndings(createEndedSessions(clock)),
    signInRate: createSignInRate(clock),
  }
  return (secret = random) => ({ ...shared, secret })
}

function toEndings(ended: EndedSessions): SessionEndings {
  return { end: async (session) => ended.end(session), has: async (session) => ended.has(session) }
}

function createSingleUseInMemory(clock: StoreClock): SingleUse {
  const ends = new Map<string, number>()
  const digest = (value: string) => hash('sha256', value, 'base64url')
  const has = (value: string) => (ends.get(digest(value)) ?? 0) > clock.now()
  // Each lasts equally long, so the oldest ends first.
  const sweep = () => {
    for (const [value, goneAt] of ends) {
      if (goneAt > clock.now()) return
      ends.delete(value)
    }
  }
  return {
    async use(value, goneAt) {
      if (has(value)) return 'again'
      if (ends.size >= MAX_STATES) sweep()
      if (ends.size >= MAX_STATES) return 'full'
      ends.set(digest(value), goneAt)
      return 'first'
    },
    has: async (value) => has(value),
  }
}
