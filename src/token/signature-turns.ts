// Turns for checks of signatures, which anybody can ask for with any token. In one turn of the event loop only so much is
// checked; what came beyond it waits for the next turns, and those for whom it is checked take turns. So calls with known
// tokens go on between them, however many networks send bad ones.
import { createFairQueue } from '../core/fair-queue.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { LONG_CHECK_COST, type SignatureCheck } from './signature.ts'

/** Checks of RSA with 2048 bits in one turn: about a millisecond. */
const MAX_COST_IN_A_TURN = 32
/** Of the four threads of node's pool, which also look up names and read files. */
const MAX_LONG_CHECKS = 2

export interface SignatureTurns {
  /**
   * Makes the check when its turn has come, which mostly is at once.
   * @param quotaKey for whom: a caller who is known, or a network
   */
  check(quotaKey: string, check: SignatureCheck, text: string, signature: Buffer): MaybeAsync<boolean>
}

interface WaitingCheck {
  readonly cost: number
  readonly make: () => MaybeAsync<void>
}

/** Who waits here has an open request, and those are bounded for each connection (http/pending.ts). */
const UNBOUNDED = { size: Number.POSITIVE_INFINITY, share: Number.POSITIVE_INFINITY }

export function createSignatureTurns(): SignatureTurns {
  const short = createFairQueue<WaitingCheck>(UNBOUNDED)
  const long = createFairQueue<WaitingCheck>(UNBOUNDED)
  let left = MAX_COST_IN_A_TURN
  let isPlanned = false
  let longUnderWay = 0

  const spend = (cost: number) => {
    left -= cost
    if (!isPlanned) setImmediate(nextTurn)
    isPlanned = true
  }
  const nextTurn = () => {
    isPlanned = false
    left = MAX_COST_IN_A_TURN
    while (left > 0 && short.length > 0) {
      const { cost, make } = short.next() as WaitingCheck
      spend(cost)
      void make()
    }
  }
  const makeLong = async () => {
    const next = longUnderWay < MAX_LONG_CHECKS ? long.next() : undefined
    if (next === undefined) return
    longUnderWay += 1
    await next.make()
    longUnderWay -= 1
    void makeLong()
  }
  return {
    check(quotaKey, { cost, verifies }, text, signature) {
      const isLong = cost >= LONG_CHECK_COST
      if (!isLong && left > 0 && short.length === 0) {
        spend(cost)
        return verifies(text, signature)
      }
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const make = async () => resolve(await verifies(text, signature))
      const queue = isLong ? long : short
      queue.join(quotaKey, { cost, make })
      if (isLong) void makeLong()
      return promise
    },
  }
}
