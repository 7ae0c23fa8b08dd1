// What the server of a route lists now, for the console: within a time, asked when somebody looks.
import type { Inventory } from '../core/manifest.ts'
import type { RouteSettings } from '../core/settings.ts'
import { type Found, missing } from '../inspect/found.ts'
import { upstreamTargetOf } from '../inspect/upstream-target.ts'
import { inTime } from '../lib/in-time.ts'
import type { Logger } from '../observe/log.ts'
import { liveInventory } from './live-inventory.ts'

/** For all its lists together. */
const INVENTORY_MS = 20_000

/** @param log has what a program prints meanwhile */
export function createRouteInventory(log: Logger): (route: RouteSettings) => Promise<Found<Inventory>> {
  return async (route) => {
    const asked = liveInventory(upstreamTargetOf(route), (line) =>
      log.info({ event: 'program', route: route.name, line }, 'a program that is asked what it lists'),
    )
    return (await inTime(INVENTORY_MS, asked)) ?? missing('it took too long to list everything')
  }
}
