// Unknown tokens that are tried from one network (H24). Each attempt is counted as a failure before anything is done
// about it, and uncounted if the token is good. So no more attempts run at one time than may fail. Later ones wait in
// order, and not for long, until one is uncounted.
import type { Attempts } from '../core/route.ts'
import type { RateLimit } from '../core/shared-state.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'

/** Of one network, and of all. */
const MAX_WAITING_HERE = 256
const MAX_WAITING = 4_096
const PATIENCE_MS = 3_000
/** The answer to an attempt that waited in vain although the limit is not used up. */
const SOON_SECONDS = 1

/** Whether it still waited. */
type Waiting = (wait: number | undefined) => boolean

interface Network {
  underWay: number
  /** The first came first. */
  readonly waiting: Set<Waiting>
  /** Whether the limit is being asked for those who wait. */
  isServed: boolean
  /** Whether one ended since it was asked. */
  isStale: boolean
}

const newNetwork = (): Network => ({ underWay: 0, waiting: new Set(), isServed: false, isStale: false })

export function createAttempts(failures: RateLimit): Attempts {
  const networks = new Map<string, Network>()
  let waitingInAll = 0

  const forgetIdle = (key: string, { underWay, waiting, isServed }: Network) => {
    if (underWay === 0 && waiting.size === 0 && !isServed) networks.delete(key)
  }
  const start = (key: string): undefined => {
    const network = networks.get(key) ?? newNetwork()
    networks.set(key, network)
    network.underWay += 1
  }
  /**
   * Waiting attempts go on as far as the limit allows; when no attempt is open that could be uncounted, all of them are
   * refused.
   */
  const serve = (key: string, network: Network): MaybeAsync<void> => {
    const [settle] = network.waiting
    if (settle === undefined) return
    network.isStale = false
    return andThen(failures.take(key), (wait) => {
      if (wait === undefined) start(key)
      else if (network.isStale) return serve(key, network)
      else if (network.underWay > 0) return
      const isGone = !settle(wait)
      if (isGone && wait === undefined) finish(key, network)
      return serve(key, network)
    })
  }
  /** One at a time, so that nobody is served twice. */
  const serveAll = (key: string, network: Network) => {
    network.isStale = true
    if (network.isServed) return
    network.isServed = true
    void andThen(serve(key, network), () => {
      network.isServed = false
      forgetIdle(key, network)
    })
  }
  /** It did not fail. */
  const finish = (key: string, network: Network) => {
    network.underWay -= 1
    failures.giveBack(key)
  }

  return {
    begin(key) {
      return andThen(failures.take(key), (wait) => {
        if (wait === undefined) return start(key)
        const network = networks.get(key)
        if (network === undefined || network.underWay === 0) return wait // every attempt of the window has failed
        if (network.waiting.size >= MAX_WAITING_HERE || waitingInAll >= MAX_WAITING) return SOON_SECONDS
        waitingInAll += 1
        return waitIn(network, () => {
          waitingInAll -= 1
          forgetIdle(key, network)
        })
      })
    },
    end(key, failed) {
      const network = networks.get(key)
      if (network === undefined) return
      if (failed) network.underWay -= 1
      else finish(key, network)
      serveAll(key, network)
    },
  }
}

/** Not for long. */
function waitIn({ waiting }: Network, onLeave: () => void): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const settle: Waiting = (wait) => {
    clearTimeout(timer)
    if (!waiting.delete(settle)) return false
    resolve(wait)
    onLeave()
    return true
  }
  const timer = setTimeout(() => settle(SOON_SECONDS), PATIENCE_MS)
  waiting.add(settle)
  return promise
}
