// The servers that the suite is run against: the reference server as published, and our own for 2026-07-28.
import { join } from 'node:path'
import { type Running, startChild } from '../../test/interop/harness/child.ts'
import { programOf } from '../../test/interop/harness/packages.ts'
import { freePort } from '../../test/support/free-port.ts'

const OUR_SERVER = join(import.meta.dirname, '../../test/upstreams/everything-2x.ts')

export interface RunningUpstream extends Running {
  readonly url: string
}

export interface UpstreamDefinition {
  /** Whether it serves 2026-07-28, so that the header checks of that revision can be made through it at all. */
  readonly modern: boolean
  /** The one revision it is there for; absent: all. */
  readonly only?: string
  start(): Promise<RunningUpstream>
}

export const UPSTREAMS: Readonly<Record<string, UpstreamDefinition>> = {
  reference: {
    modern: false,
    start: () =>
      start((port) => ({
        args: [
          programOf('@modelcontextprotocol/server-everything', 'mcp-server-everything'),
          'streamableHttp',
        ],
        env: { PORT: String(port) },
      })),
  },
  'everything-2x': { modern: true, start: () => start((port) => ({ args: [OUR_SERVER, String(port)] })) },
  // Checks no header itself: what is refused through the gateway, the gateway refused.
  'lax-headers': {
    modern: true,
    only: '2026-07-28',
    start: () => start((port) => ({ args: [OUR_SERVER, String(port), '--lax-headers'] })),
  },
}

async function start(
  command: (port: number) => { args: string[]; env?: Record<string, string> },
): Promise<RunningUpstream> {
  const port = await freePort()
  const running = await startChild({ ...command(port), port })
  return { ...running, url: `http://127.0.0.1:${port}/mcp` }
}
