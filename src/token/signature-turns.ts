// Orders the checks of signatures, which anybody can ask for with any token. In one turn of the event loop only a
// bounded amount is checked. Later checks wait for the next turns, and their callers take turns. So calls with known
// tokens go on, however many networks send bad tokens.
import { createFairQueue } from '../core/fair-queue.ts'
import type { MaybeAsync } from '../core/turn.ts'
import { LONG_CHECK_COST, type SignatureCheck } from './signature.ts'

/** The cost that one turn may have, counted in checks of RSA with 2048 bits; together they take about a millisecond. */
const MAX_COST_IN_A_TURN = 32
/** How many of the four threads of node's pool long checks may use. The pool also looks up names and reads files. */
const MAX_LONG_CHECKS = 2

export interface SignatureTurns {
  /**
   * Makes the check when its turn has come, which is mostly at once.
   * @param quotaKey the caller, where it is known, or its network
   */
  check(quotaKey: string, check: SignatureCheck, text: string, signature: Buffer): MaybeAsync<boolean>
}

interface WaitingCheck {
  readonly cost: number
  readonly make: () => MaybeAsync<void>
}

/** Each check that waits here belongs to an open request, and http/pending.ts bounds those for each connection. */
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
