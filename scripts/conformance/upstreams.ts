// The servers that the suite is run against: the reference server as published, and our own for 2026-07-28.
import { join } from 'node:path'
import { freePort, type Running, startChild } from '../../test/interop/harness/child.ts'
import { programOf } from '../../test/interop/harness/packages.ts'

const OUR_SERVER = join(import.meta.dirname, '../../test/upstreams/everything-2x.ts')

export interface RunningUpstream extends Running {
  readonly url: string
}

export const UPSTREAMS = {
  reference: () =>
    start((port) => ({
      args: [programOf('@modelcontextprotocol/server-everything', 'mcp-server-everything'), 'streamableHttp'],
      env: { PORT: String(port) },
    })),
  'everything-2x': () => start((port) => ({ args: [OUR_SERVER, String(port)] })),
} as const

export type UpstreamName = keyof typeof UPSTREAMS

async function start(
  command: (port: number) => { args: string[]; env?: Record<string, string> },
): Promise<RunningUpstream> {
  const port = await freePort()
  const running = await startChild({ ...command(port), port })
  return { ...running, url: `http://127.0.0.1:${port}/mcp` }
}
