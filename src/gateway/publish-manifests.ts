// At start, sends the tools that the server of a route lists to the service that keeps the route's policy, where the
// file asks for it. This runs in the background, and nothing depends on it.
import { isProgram, type RouteSettings, type Settings } from '../core/settings.ts'
import type { RemotePolicySettings } from '../core/settings-remote.ts'
import { connect } from '../inspect/client.ts'
import { takeInventory } from '../inspect/inventory.ts'
import { connectSse } from '../inspect/sse-client.ts'
import { upstreamTargetOf } from '../inspect/upstream-target.ts'
import type { Logger } from '../observe/log.ts'
import { publishSdkManifest } from '../remote/sdk-manifest.ts'

export async function publishManifests({ routes }: Settings, log: Logger): Promise<void> {
  for (const route of routes) {
    const { remote } = route.policy
    if (remote?.publishManifest !== true) continue
    const why = await publish(route, remote)
    if (why === undefined)
      log.info({ event: 'manifest_published', route: route.name }, 'AuthSec knows the tools')
    else
      log.warn(
        { event: 'manifest_not_published', route: route.name },
        `AuthSec was not told the tools: ${why}`,
      )
  }
}

async function publish(route: RouteSettings, remote: RemotePolicySettings): Promise<string | undefined> {
  if (isProgram(route.upstream)) return 'its server is a program, which is not started for that'
  const open = route.upstream.transport === 'sse' ? connectSse : connect
  const client = await open(upstreamTargetOf(route))
  const taken = client.ok ? await takeInventory(client.value) : client
  if (client.ok) await client.value.close()
  return taken.ok ? publishSdkManifest(remote, taken.value.tools) : taken.problem
}
