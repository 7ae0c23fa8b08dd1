// Everything that the server behind a route lists now, asked as the gateway asks it, for an operator: over HTTP, over
// HTTP+SSE, or of a program that is started for the question.
import type { Inventory } from '../core/manifest.ts'
import { isProgram } from '../core/settings.ts'
import { type Client, connect } from '../inspect/client.ts'
import type { Found } from '../inspect/found.ts'
import { takeInventory } from '../inspect/inventory.ts'
import { connectSse } from '../inspect/sse-client.ts'
import type { UpstreamTarget } from '../inspect/upstream-target.ts'
import { createProgramClient, type TellLine } from './program-client.ts'

export async function liveInventory(target: UpstreamTarget, tellLine: TellLine): Promise<Found<Inventory>> {
  const client = await openTarget(target, tellLine)
  if (!client.ok) return client
  try {
    return await takeInventory(client.value)
  } finally {
    await client.value.close()
  }
}

function openTarget(target: UpstreamTarget, tellLine: TellLine): Promise<Found<Client>> {
  const { route } = target
  if (route === undefined) return connect(target)
  if (isProgram(route.upstream)) return connect({ ...target, http: createProgramClient(route, tellLine) })
  return route.upstream.transport === 'sse' ? connectSse(target) : connect(target)
}
