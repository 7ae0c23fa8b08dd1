// Unknown tokens that are tried from one network (H24). Each attempt is counted as a failure before anything is done
// about it, and uncounted if the token is good. So no more attempts run at one time than may fail. Later ones wait in
// order, and not for long, until one is uncounted.
import type { Attempts } from '../core/route.ts'
import type { RateLimit } from './rates.ts'

/** Of one network, and of all. */
const MAX_WAITING_HERE = 256
const MAX_WAITING = 4_096
const PATIENCE_MS = 3_000
/** The answer to an attempt that waited in vain although the limit is not used up. */
const SOON_SECONDS = 1

type Waiting = (wait: number | undefined) => void

interface Network {
  underWay: number
  /** The first came first. */
  readonly waiting: Set<Waiting>
}

export function createAttempts(failures: RateLimit): Attempts {
  const networks = new Map<string, Network>()
  let waitingInAll = 0

  const leave = (key: string, network: Network, waiting: Waiting) => {
    if (!network.waiting.delete(waiting)) return
    waitingInAll -= 1
    if (network.underWay === 0 && network.waiting.size === 0) networks.delete(key)
  }
  const join = (key: string, network: Network): Promise<number | undefined> => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const settle: Waiting = (wait) => {
      clearTimeout(timer)
      leave(key, network, settle)
      resolve(wait)
    }
    const timer = setTimeout(() => settle(SOON_SECONDS), PATIENCE_MS)
    network.waiting.add(settle)
    waitingInAll += 1
    return promise
  }
  const start = (key: string) => {
    const network = networks.get(key) ?? { underWay: 0, waiting: new Set() }
    networks.set(key, network)
    network.underWay += 1
  }
  /**
   * Waiting attempts go on as far as the limit allows; when no attempt is open that could be uncounted, all of them are
   * refused.
   */
  const serve = (key: string, network: Network) => {
    for (const settle of network.waiting) {
      const wait = failures.take(key)
      if (wait === undefined) start(key)
      else if (network.underWay > 0) return
      settle(wait)
    }
  }

  return {
    begin(key) {
      const wait = failures.take(key)
      if (wait === undefined) {
        start(key)
        return undefined
      }
      const network = networks.get(key)
      if (network === undefined || network.underWay === 0) return wait // every attempt of the window has failed
      if (network.waiting.size >= MAX_WAITING_HERE || waitingInAll >= MAX_WAITING) return SOON_SECONDS
      return join(key, network)
    },
    end(key, failed) {
      const network = networks.get(key)
      if (network === undefined) return
      network.underWay -= 1
      if (!failed) failures.giveBack(key)
      serve(key, network)
      if (network.underWay === 0 && network.waiting.size === 0) networks.delete(key)
    },
  }
}
