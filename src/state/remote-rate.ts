// A rate that several gateways count together. While the store is away each counts for itself: a limit of N a minute is
// then N in each gateway, and nobody is locked out.
import type { Rate } from '../core/rate.ts'
import { type RateLimit, UNAVAILABLE } from '../core/shared-state.ts'
import type { RemoteParts } from './remote-parts.ts'

export function createRemoteRate(
  { commands, privacy }: RemoteParts,
  use: string,
  rate: Rate,
  own: RateLimit,
): RateLimit {
  const table = `${use} ${rate.count}/${rate.seconds}`
  return {
    async take(key, count = 1) {
      const wait = await commands.take(table, privacy.name(key), rate, count)
      return wait === UNAVAILABLE ? own.take(key, count) : wait
    },
    async peek(key, count = 1) {
      const wait = await commands.peek(table, privacy.name(key), rate, count)
      return wait === UNAVAILABLE ? own.peek(key, count) : wait
    },
    giveBack(key, count = 1) {
      commands.giveBack(table, privacy.name(key), rate, count)
      own.giveBack(key, count) // effective for counts taken here while the store was away
    },
  }
}
