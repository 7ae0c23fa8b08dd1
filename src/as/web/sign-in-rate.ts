// How many sign-ins one network may begin at providers, each of which asks that provider, or try with passkeys. In
// memory, with a bound: a count that limits somebody is never given up for a newcomer.
import { networkOf } from '../../core/network.ts'
import type { StoreClock } from '../store/store.ts'

export interface SignInRate {
  /** Counts one. Undefined when the sign-in may begin. */
  take(address: string): TooManySignIns | undefined
}

/** For the audit. */
export const TOO_MANY_SIGN_INS = 'too many sign-ins were begun from this network'

export interface TooManySignIns {
  readonly waitSeconds: number
  /** Whether nothing is on record yet in this window; one record is enough for a flood. */
  readonly isNews: boolean
}

const MAX_BEGUN = 300
const WINDOW_MS = 15 * 60_000
const MAX_NETWORKS = 10_000
/** Between two looks for room, so that a flood does not look at each step. */
const LOOK_MS = 1_000

interface Window {
  count: number
  isTold: boolean
  readonly endsAt: number
}

export function createSignInRate(clock: StoreClock): SignInRate {
  const windows = new Map<string, Window>()
  let lookedAt = Number.NEGATIVE_INFINITY
  /** Windows that are over go, and if that is not enough, those that limit nobody yet. */
  const makeRoom = () => {
    const now = clock.now()
    if (Math.abs(now - lookedAt) < LOOK_MS) return
    lookedAt = now
    for (const [network, { endsAt }] of windows) if (isOver(endsAt, now)) windows.delete(network)
    if (windows.size < MAX_NETWORKS) return
    for (const [network, { count }] of windows) if (count < MAX_BEGUN / 2) windows.delete(network)
  }
  const windowOf = (network: string): Window | undefined => {
    const known = windows.get(network)
    if (known !== undefined && !isOver(known.endsAt, clock.now())) return known
    windows.delete(network)
    if (windows.size >= MAX_NETWORKS) makeRoom()
    if (windows.size >= MAX_NETWORKS) return undefined
    const begun = { count: 0, isTold: false, endsAt: clock.now() + WINDOW_MS }
    windows.set(network, begun)
    return begun
  }
  return {
    take(address) {
      const window = windowOf(networkOf(address))
      if (window === undefined) return { waitSeconds: LOOK_MS / 1_000, isNews: false }
      if (window.count < MAX_BEGUN) {
        window.count += 1
        return undefined
      }
      const isNews = !window.isTold
      window.isTold = true
      return { waitSeconds: Math.max(1, Math.ceil((window.endsAt - clock.now()) / 1_000)), isNews }
    },
  }
}

/** Also one that ends later than it can: it was begun while the clock was wrong. */
function isOver(endsAt: number, now: number): boolean {
  return endsAt <= now || endsAt - now > WINDOW_MS
}
