// How fast a device may ask whether its person has agreed (RFC 8628 §3.5; A43). Each question that comes too soon
// makes the pause longer.
import { LRUCache } from 'lru-cache'
import { errors } from 'oidc-provider'
import type { Rate } from '../../core/rate.ts'
import type { RateLimit } from '../../core/shared-state.ts'
import { artifactKey } from '../store/artifacts.ts'
import type { StoreClock } from '../store/store.ts'
import type { GrantHandler } from './grant-handler.ts'

const INTERVAL_MS = 5_000
/** Device codes that are asked for at a time. */
const MAX_CODES = 10_000

/** How often one device may poll, at all gateways together. */
export const POLL_RATE: Rate = { count: 1, seconds: INTERVAL_MS / 1_000 }
/** One process knows more of the device: how long its pause is by now. */
export const UNLIMITED: RateLimit = {
  take: () => undefined,
  peek: () => undefined,
  giveBack: () => undefined,
}

export function withPollingInterval(
  redeem: GrantHandler,
  clock: StoreClock,
  polls: RateLimit = UNLIMITED,
): GrantHandler {
  const asked = new LRUCache<string, { readonly at: number; readonly pauseMs: number }>({ max: MAX_CODES })
  return async (context) => {
    const key = artifactKey('DeviceCode', String(context.oidc.params['device_code']))
    const last = asked.get(key)
    const now = clock.now()
    const isElsewhere = (await polls.take(key)) !== undefined
    const tooSoon = isElsewhere || (last !== undefined && now - last.at < last.pauseMs)
    const pauseMs = (last?.pauseMs ?? INTERVAL_MS) + (tooSoon ? INTERVAL_MS : 0)
    asked.set(key, { at: now, pauseMs })
    if (tooSoon) throw new errors.SlowDown()
    return redeem(context)
  }
}
