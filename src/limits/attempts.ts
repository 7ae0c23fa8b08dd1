// Tokens that nobody knows yet, tried from one network (H24). Each takes one of what may fail before anything is done
// about it, and gets it back if the token is good, so that no more are tried at one time than may fail. Those that come
// meanwhile wait for what is given back, in their order and not for long.
import type { Attempts } from '../core/route.ts'
import type { RateLimit } from './rates.ts'

/** Of one network, and of all. */
const MAX_WAITING_HERE = 256
const MAX_WAITING = 4_096
const PATIENCE_MS = 3_000
/** For those who waited in vain: what may fail is not used up. */
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
  /** Those who wait go on as far as there is something left; when nothing can be given back any more, none does. */
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
      if (network === undefined || network.underWay === 0) return wait // all of them have failed
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
