// Limits how many unknown tokens are tried from one network (H24). Each attempt is counted as a failure before anything
// is done about it, and uncounted if the token is good. So no more attempts run at one time than may fail. Later ones
// wait in order, for a short time, until one is uncounted.
import type { Attempts } from '../core/route.ts'
import type { RateLimit } from '../core/shared-state.ts'
import { andThen, type MaybeAsync } from '../core/turn.ts'

/** How many attempts of one network may wait, and of all networks. */
const MAX_WAITING_HERE = 256
const MAX_WAITING = 4_096
const PATIENCE_MS = 3_000
/** The answer to an attempt that waited in vain although the limit was not used up. */
const SOON_SECONDS = 1

/** Ends the wait. Returns whether the attempt was still waiting. */
type Waiting = (wait: number | undefined) => boolean

interface Network {
  underWay: number
  /** Attempts for which the limit is being asked, where that takes time. */
  asking: number
  /** How many attempts were uncounted. */
  uncounted: number
  /** Waiting attempts, in the order in which they came. */
  readonly waiting: Set<Waiting>
  /** Whether the limit is being asked for the waiting attempts. */
  isServed: boolean
}

const newNetwork = (): Network => ({
  ...{ underWay: 0, asking: 0, uncounted: 0 },
  ...{ waiting: new Set(), isServed: false },
})

export function createAttempts(failures: RateLimit): Attempts {
  const { find, findOrAdd, forgetIdle } = createNetworks()
  let waitingInAll = 0

  /**
   * Lets waiting attempts go on as far as the limit allows. When no open attempt is left that could be uncounted, all
   * of them are refused.
   */
  const serve = (key: string, network: Network): MaybeAsync<void> => {
    const [settle] = network.waiting
    if (settle === undefined) return
    const { uncounted } = network
    return andThen(failures.take(key), (wait) => {
      if (wait === undefined) network.underWay += 1
      else if (network.uncounted !== uncounted) return serve(key, network)
      else if (network.underWay > 0) return
      const isGone = !settle(wait)
      if (isGone && wait === undefined) finish(key, network)
      return serve(key, network)
    })
  }
  /** Serves waiting attempts one at a time, so that none is served twice. */
  const serveAll = (key: string, network: Network) => {
    if (network.isServed) return
    network.isServed = true
    void andThen(serve(key, network), () => {
      network.isServed = false
      forgetIdle(key, network)
    })
  }
  /** Called when an attempt did not fail. */
  const finish = (key: string, network: Network) => {
    network.underWay -= 1
    network.uncounted += 1
    failures.giveBack(key)
  }
  const decide = (
    key: string,
    network: Network,
    wait: number | undefined,
  ): MaybeAsync<number | undefined> => {
    if (wait === undefined) network.underWay += 1
    if (wait === undefined || network.underWay === 0) return wait // every attempt of the window has failed
    if (network.waiting.size >= MAX_WAITING_HERE || waitingInAll >= MAX_WAITING) return SOON_SECONDS
    waitingInAll += 1
    return waitIn(network, () => {
      waitingInAll -= 1
      forgetIdle(key, network)
    })
  }
  /**
   * Begins an attempt. Where the answer took time, it asks again, since attempts that were uncounted meanwhile make
   * room.
   */
  const begin = (key: string): MaybeAsync<number | undefined> => {
    const network = findOrAdd(key)
    const { uncounted } = network
    network.asking += 1
    return andThen(failures.take(key), (wait) => {
      network.asking -= 1
      const isStale = wait !== undefined && network.underWay === 0 && network.uncounted !== uncounted
      const decided = isStale ? begin(key) : decide(key, network, wait)
      forgetIdle(key, network)
      return decided
    })
  }

  return {
    begin,
    end(key, failed) {
      const network = find(key)
      if (network === undefined) return
      if (failed) network.underWay -= 1
      else finish(key, network)
      serveAll(key, network)
    },
  }
}

/** The networks in which an attempt is under way, or waits. */
function createNetworks() {
  const byKey = new Map<string, Network>()
  return {
    find: (key: string) => byKey.get(key),
    findOrAdd(key: string): Network {
      const network = byKey.get(key) ?? newNetwork()
      byKey.set(key, network)
      return network
    },
    forgetIdle(key: string, { underWay, asking, waiting, isServed }: Network) {
      if (underWay === 0 && asking === 0 && waiting.size === 0 && !isServed) byKey.delete(key)
    },
  }
}

/** Waits for a short time. */
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
